// What was seen of the inputs and outputs of every served model, made at the time of a scrape from
// what its RowWatch counted.

#ifndef MLP_SERVER_OBSERVE_WATCH_COLLECTOR_H_
#define MLP_SERVER_OBSERVE_WATCH_COLLECTOR_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/observe/model_metrics.h"
#include "server/observe/row_watch.h"

namespace mlp {

// Thread-safe.
class WatchCollector final : public prometheus::Collectable {
 public:
  WatchCollector() = default;

  // Shows `watch` for as long as another than this holds it, in place of one with the same name and
  // version, and from the first request on that `metrics` counts.
  void Add(const std::string& model, const std::string& version,
           const std::shared_ptr<RowWatch>& watch,
           const std::shared_ptr<const ModelMetrics>& metrics) ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<prometheus::MetricFamily> Collect() const override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Source {
    std::weak_ptr<const RowWatch> watch;
    std::weak_ptr<const ModelMetrics> metrics;
  };

  void DropExpired() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable std::mutex mutex_;
  // By model and version.
  mutable std::map<std::pair<std::string, std::string>, Source> sources_ ABSL_GUARDED_BY(mutex_);
  // How many there may be before Add drops those whose watch went.
  mutable std::size_t most_sources_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_WATCH_COLLECTOR_H_
