// Metrics of the inputs and outputs of every served model, read from each RowWatch at each scrape.

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

  // Exports `watch` while anyone else holds it and once `metrics` has counted a request. Replaces
  // an entry with the same name and version.
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
