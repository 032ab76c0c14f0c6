// The metrics of baselines and drift, built at each scrape.

#ifndef MLP_SERVER_INSIGHT_DRIFT_FAMILIES_H_
#define MLP_SERVER_INSIGHT_DRIFT_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/drift/baseline.h"
#include "server/insight/model_insight.h"
#include "server/served_models/served_model.h"

namespace mlp {

// The drift of one served version, for the metrics.
struct VersionDrift {
  std::shared_ptr<const ServedModel> served;
  std::shared_ptr<const Baseline> baseline;  // null if there is none
  std::vector<TargetDrift> drift;
  std::int64_t learnt_rows = -1;  // rows collected for a baseline; -1 if none is being learnt
};

std::vector<prometheus::MetricFamily> DriftFamilies(const std::vector<VersionDrift>& versions);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_DRIFT_FAMILIES_H_
