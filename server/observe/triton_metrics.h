// Triton's counters, for dashboards and autoscaling rules made for Triton: --metrics-compat triton.

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

// The nv_inference_* counters of all models, with the labels `model` and `version` and durations in
// microseconds. As in Triton, inferences are rows and executions are batches.
std::vector<prometheus::MetricFamily> TritonFamilies(const std::vector<NamedStatistics>& models);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_TRITON_METRICS_H_
