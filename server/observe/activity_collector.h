// What every served model is, its rows and its activation-saturation metrics, made at the time of a
// scrape from the totals that serving adds to: on one page, the counters of a model agree with each
// other. Definitions: docs/saturation.md.

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

  // Shows what the model is and its rows for as long as another than this holds `totals`, in place
  // of one with the same name and version. What its layers do is shown from the first request on
  // that `metrics` counts. Loads of one version share `metrics`: a request that comes while this
  // one is not in force yet counts too.
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
