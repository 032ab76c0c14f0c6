// Metric families built for one page, for prometheus-cpp to serialize.

#ifndef MLP_SERVER_OBSERVE_METRIC_FAMILY_H_
#define MLP_SERVER_OBSERVE_METRIC_FAMILY_H_

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <string>
#include <utility>
#include <vector>

namespace mlp {

using SampleLabels = std::vector<prometheus::ClientMetric::Label>;

// A family without samples.
inline prometheus::MetricFamily EmptyFamily(std::string name, prometheus::MetricType type,
                                            std::string help) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

// Adds a sample to a family of counters or of gauges.
inline void AddSample(prometheus::MetricFamily& family, SampleLabels labels, double value) {
  prometheus::ClientMetric& sample = family.metric.emplace_back();
  sample.label = std::move(labels);
  const bool counts = family.type == prometheus::MetricType::Counter;
  (counts ? sample.counter.value : sample.gauge.value) = value;
}

// `labels` plus one more.
inline SampleLabels With(SampleLabels labels, const char* name, std::string value) {
  labels.push_back({name, std::move(value)});
  return labels;
}

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_METRIC_FAMILY_H_
