// The baseline that one load of a model version is judged against.
//
// It may be replaced later by one that was learnt from live traffic, sent by an administrator, or
// extended by accepted windows.

#ifndef MLP_SERVER_OBSERVE_BASELINE_IN_FORCE_H_
#define MLP_SERVER_OBSERVE_BASELINE_IN_FORCE_H_

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "model/drift/baseline.h"

namespace mlp {

// Thread-safe. Only the baseline in force changes.
class BaselineInForce final {
 public:
  // `baseline` is the one beside the model. If it was refused, `refused` says why and `baseline` is
  // null. If there is no file, both are empty.
  explicit BaselineInForce(std::shared_ptr<const Baseline> baseline = nullptr,
                           std::string refused = {})
      : beside_(std::move(baseline)), refused_(std::move(refused)), baseline_(beside_) {}

  // Null if there is none.
  std::shared_ptr<const Baseline> Get() const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    return baseline_;
  }

  void Set(std::shared_ptr<const Baseline> baseline) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    baseline_.swap(baseline);  // the old one is freed after the lock is released
  }

  // Like Set, but only if `expected` is in force. Returns whether it was set.
  bool Replace(const std::shared_ptr<const Baseline>& expected,
               std::shared_ptr<const Baseline> baseline) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    if (baseline_ != expected) return false;
    baseline_.swap(baseline);
    return true;
  }

  // Puts the baseline beside the model back in force. False if it already is, or if there is none.
  bool Restore() ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    if (beside_ == nullptr || baseline_ == beside_) return false;
    baseline_ = beside_;
    return true;
  }

  // Why the file beside the model was refused, while no other baseline is in force; otherwise
  // empty.
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
