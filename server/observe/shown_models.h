// The current state of the server and its models: which accept requests, which version is the
// default, and which versions are held back or refused.

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
  std::string version;           // empty for a model without versions
  bool ready = false;            // accepts requests
  bool held_back = false;        // only its inputs or outputs keep it from being the default
  bool refused = false;          // the content of its folder could not be loaded, served or not
  double loaded_at_seconds = 0;  // since the epoch; only if ready
};

struct ShownModel {
  std::vector<ShownVersion> versions;               // if empty, the model is not exported
  std::int64_t default_version = 0;                 // 0 if none
  std::map<std::string, std::int64_t> labels = {};  // label to version
  // Whether all versions were unloaded on request. Then the model is not exported: nothing is
  // missing.
  bool unloaded = false;
};

// Thread-safe.
class ShownModels final {
 public:
  using ByName = std::map<std::string, ShownModel>;

  // Replaces the state of these models, all at the same time and without allocating.
  void Set(ByName changed) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether the server accepts requests. If not, no model is exported as ready.
  void SetServing(bool serving) ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<prometheus::MetricFamily> Collect() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable std::mutex mutex_;
  ByName models_ ABSL_GUARDED_BY(mutex_);
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_SHOWN_MODELS_H_
