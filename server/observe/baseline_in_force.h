// The baseline that one load of a model version is judged against. It may be another one later: one
// that was learnt from live traffic, sent by an administrator, or has accepted windows.

#ifndef MLP_SERVER_OBSERVE_BASELINE_IN_FORCE_H_
#define MLP_SERVER_OBSERVE_BASELINE_IN_FORCE_H_

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "model/drift/baseline.h"

namespace mlp {

// Thread-safe. Immutable, but for the baseline.
class BaselineInForce final {
 public:
  // With the baseline that lies beside the model, or with none and why that was refused; with
  // neither where there is none.
  explicit BaselineInForce(std::shared_ptr<const Baseline> baseline = nullptr,
                           std::string refused = {})
      : refused_(std::move(refused)), baseline_(std::move(baseline)) {}

  // Null where there is none.
  std::shared_ptr<const Baseline> Get() const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    return baseline_;
  }

  void Set(std::shared_ptr<const Baseline> baseline) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    baseline_.swap(baseline);  // the last one goes outside of the lock
  }

  // Why the file beside the model was refused; empty where it was not.
  const std::string& refused() const { return refused_; }

 private:
  const std::string refused_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Baseline> baseline_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_BASELINE_IN_FORCE_H_
