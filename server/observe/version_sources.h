// The sources of each served version's metrics, for as long as they exist.

#ifndef MLP_SERVER_OBSERVE_VERSION_SOURCES_H_
#define MLP_SERVER_OBSERVE_VERSION_SOURCES_H_

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"

namespace mlp {

// `Source` has IsGone(): whether nobody holds what its metrics are made from. Thread-safe.
template <typename Source>
class VersionSources final {
 public:
  // Replaces a source with the same name and version.
  void Add(const std::string& model, const std::string& version, Source source)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    // ForEach drops them too, but may never be called.
    if (sources_.size() >= most_sources_) DropGone();
    sources_[{model, version}] = std::move(source);
  }

  // Calls `take(model, version, source)` for each existing source, ordered by name and version,
  // under the lock.
  template <typename Take>
  void ForEach(const Take& take) const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    DropGone();
    for (const auto& [name, source] : sources_) take(name.first, name.second, source);
  }

 private:
  // Up to this many are kept without checking whether they are gone.
  static constexpr std::size_t kFewSources = 64;

  void DropGone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto it = sources_.begin(); it != sources_.end();) {
      it = it->second.IsGone() ? sources_.erase(it) : std::next(it);
    }
    // Doubling the limit keeps the time to add n models linear in n.
    most_sources_ = std::max(kFewSources, 2 * sources_.size());
  }

  mutable std::mutex mutex_;
  // By model and version.
  mutable std::map<std::pair<std::string, std::string>, Source> sources_ ABSL_GUARDED_BY(mutex_);
  // How many sources there may be before Add drops those that are gone.
  mutable std::size_t most_sources_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_VERSION_SOURCES_H_
