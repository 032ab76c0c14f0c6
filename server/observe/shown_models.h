// What the server and its models are at the moment, beside what they count: which take requests,
// which version answers by default, and which versions are held back or refused.

#ifndef MLP_SERVER_OBSERVE_SHOWN_MODELS_H_
#define MLP_SERVER_OBSERVE_SHOWN_MODELS_H_

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace mlp {

struct ShownVersion {
  std::string version;     // empty for a model without any
  bool ready = false;      // whether it takes requests
  bool held_back = false;  // whether only its inputs or outputs keep it from being the default
  bool refused = false;    // whether what its folder holds could not be loaded, served or not
  double loaded_at_seconds = 0;  // since the epoch, of one that takes requests
};

struct ShownModel {
  std::vector<ShownVersion> versions;               // a model without one is not shown
  std::int64_t default_version = 0;                 // 0 where there is none
  std::map<std::string, std::int64_t> labels = {};  // versions by their labels
  // Whether somebody asked for none of the versions to be served: then none is missed either.
  bool unloaded = false;
};

// Thread-safe.
class ShownModels final {
 public:
  using ByName = std::map<std::string, ShownModel>;

  // Shows these models in place of what was shown of them before: all at once, without an
  // allocation.
  void Set(ByName changed) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether the server takes requests at all: until it does, no model is shown as ready.
  void SetServing(bool serving) ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<prometheus::MetricFamily> Collect() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable std::mutex mutex_;
  ByName models_ ABSL_GUARDED_BY(mutex_);
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_SHOWN_MODELS_H_
