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
      : beside_(std::move(baseline)), refused_(std::move(refused)), baseline_(beside_) {}

  // Null where there is none.
  std::shared_ptr<const Baseline> Get() const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    return baseline_;
  }

  void Set(std::shared_ptr<const Baseline> baseline) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    baseline_.swap(baseline);  // the last one goes outside of the lock
  }

  // As Set, unless another one than `expected` is in force; whether it was set.
  bool Replace(const std::shared_ptr<const Baseline>& expected,
               std::shared_ptr<const Baseline> baseline) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    if (baseline_ != expected) return false;
    baseline_.swap(baseline);
    return true;
  }

  // Puts the baseline that lies beside the model in force again; false where that is in force, or
  // none lies there.
  bool PutBack() ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    if (beside_ == nullptr || baseline_ == beside_) return false;
    baseline_ = beside_;
    return true;
  }

  // Why the file beside the model was refused, as long as no other baseline is in force; empty
  // where it was not.
  std::string refused() const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    return baseline_ == nullptr ? refused_ : std::string();
  }

 private:
  const std::shared_ptr<const Baseline> beside_;
  const std::string refused_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Baseline> baseline_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_BASELINE_IN_FORCE_H_
