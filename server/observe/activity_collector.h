// The description, row count and activation-saturation metrics of every served model.
//
// They are read from the serving totals at each scrape, so within one page the counters of a model
// agree with each other. Definitions: docs/reference/saturation.md.

#ifndef MLP_SERVER_OBSERVE_ACTIVITY_COLLECTOR_H_
#define MLP_SERVER_OBSERVE_ACTIVITY_COLLECTOR_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "model/network.h"
#include "model/weight_storage.h"
#include "server/observe/activity_totals.h"
#include "server/observe/model_metrics.h"
#include "server/observe/version_sources.h"

namespace mlp {

// Thread-safe.
class ActivityCollector final : public prometheus::Collectable {
 public:
  explicit ActivityCollector(double saturation_epsilon) : saturation_epsilon_(saturation_epsilon) {}

  // Exports the model's description and row count while anyone else holds `totals`. Replaces an
  // entry with the same name and version. The layers' metrics are exported once `metrics` has
  // came into force count too.
  void Add(const std::string& model, const std::string& version, const Evaluator& evaluator,
           const std::shared_ptr<ActivityTotals>& totals,
           const std::shared_ptr<const ModelMetrics>& metrics);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Source {
    bool IsGone() const { return totals.expired(); }

    std::shared_ptr<const Network> network;
    WeightStorage weights;
    std::int64_t weight_bytes;
    std::int64_t workspace_bytes;
    std::weak_ptr<ActivityTotals> totals;
    std::weak_ptr<const ModelMetrics> metrics;
  };

  const double saturation_epsilon_;
  VersionSources<Source> sources_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ACTIVITY_COLLECTOR_H_
