// Counts model versions that were loaded or failed to load: mlp_model_loads_total.

#ifndef MLP_SERVER_OBSERVE_MODEL_LOADS_H_
#define MLP_SERVER_OBSERVE_MODEL_LOADS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <map>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"

namespace mlp {

// Thread-safe.
class ModelLoads final {
 public:
  // The registry must outlive this.
  explicit ModelLoads(prometheus::Registry& registry);

  void Count(const std::string& model, bool ok) ABSL_LOCKS_EXCLUDED(mutex_);

  // Stops exporting the model, because no model has this name any more.
  void Forget(const std::string& model) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Counters {
    prometheus::Counter* ok;
    prometheus::Counter* failed;
  };

  prometheus::Family<prometheus::Counter>& family_;
  std::mutex mutex_;
  std::map<std::string, Counters> by_model_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_LOADS_H_
