// The counters that Triton exports, for dashboards and autoscaling rules that were made for it:
// --metrics-compat triton.

#ifndef MLP_SERVER_OBSERVE_TRITON_METRICS_H_
#define MLP_SERVER_OBSERVE_TRITON_METRICS_H_

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "server/observe/model_statistics.h"

namespace mlp {

struct NamedStatistics {
  std::string model;
  std::string version;
  StatisticsSummary summary;
};

// nv_inference_* of all models, with the labels `model` and `version` and durations in
// microseconds, as Triton has them: its counts of inferences are rows, and those of executions
// batches.
std::vector<prometheus::MetricFamily> TritonFamilies(const std::vector<NamedStatistics>& models);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_TRITON_METRICS_H_
