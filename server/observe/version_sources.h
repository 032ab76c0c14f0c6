// What the metrics of each served model version are made from, for as long as that is there.

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

// `Source` has IsGone(), whether nobody holds what it is made from any more. Thread-safe.
template <typename Source>
class VersionSources final {
 public:
  // In place of one with the same name and version.
  void Add(const std::string& model, const std::string& version, Source source)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    // Nobody may ever collect, which drops them too.
    if (sources_.size() >= most_sources_) DropGone();
    sources_[{model, version}] = std::move(source);
  }

  // Calls `take(model, version, source)` for each that is there, by name and version, under the
  // lock.
  template <typename Take>
  void ForEach(const Take& take) const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    DropGone();
    for (const auto& [name, source] : sources_) take(name.first, name.second, source);
  }

 private:
  // So many are kept without a look at whether they went.
  static constexpr std::size_t kFewSources = 64;

  void DropGone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto it = sources_.begin(); it != sources_.end();) {
      it = it->second.IsGone() ? sources_.erase(it) : std::next(it);
    }
    // Twice as many, so that n models take a time in proportion to n.
    most_sources_ = std::max(kFewSources, 2 * sources_.size());
  }

  mutable std::mutex mutex_;
  // By model and version.
  mutable std::map<std::pair<std::string, std::string>, Source> sources_ ABSL_GUARDED_BY(mutex_);
  // How many there may be before Add drops those that went.
  mutable std::size_t most_sources_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_VERSION_SOURCES_H_
