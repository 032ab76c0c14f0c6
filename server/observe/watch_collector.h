// What was seen of the inputs and outputs of every served model, made at the time of a scrape from
// what its RowWatch counted.

#ifndef MLP_SERVER_OBSERVE_WATCH_COLLECTOR_H_
#define MLP_SERVER_OBSERVE_WATCH_COLLECTOR_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <memory>
#include <string>
#include <vector>

#include "server/observe/model_metrics.h"
#include "server/observe/row_watch.h"
#include "server/observe/version_sources.h"

namespace mlp {

// Thread-safe.
class WatchCollector final : public prometheus::Collectable {
 public:
  WatchCollector() = default;

  // Shows `watch` for as long as another than this holds it, in place of one with the same name and
  // version, and from the first request on that `metrics` counts.
  void Add(const std::string& model, const std::string& version,
           const std::shared_ptr<RowWatch>& watch,
           const std::shared_ptr<const ModelMetrics>& metrics);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Source {
    bool IsGone() const { return watch.expired(); }

    std::weak_ptr<const RowWatch> watch;
    std::weak_ptr<const ModelMetrics> metrics;
  };

  VersionSources<Source> sources_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_WATCH_COLLECTOR_H_
