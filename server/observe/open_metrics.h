// Writes metrics in the text format of OpenMetrics 1.0, which supports exemplars:
// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md.

#ifndef MLP_SERVER_OBSERVE_OPEN_METRICS_H_
#define MLP_SERVER_OBSERVE_OPEN_METRICS_H_

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <vector>

#include "server/observe/exemplars.h"

namespace mlp {

// The exemplars of histograms by family name: one entry per metric, in order.
using FamilyExemplars = std::map<std::string, std::vector<BucketExemplars>>;

// All samples keep their names from Prometheus' own format. OpenMetrics requires counters to end in
// _total; one that does not is written with type unknown. Bounds and values are written in
// OpenMetrics' canonical form: 1.0, not 1.
std::string WriteOpenMetrics(const std::vector<prometheus::MetricFamily>& families,
                             const FamilyExemplars& exemplars);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_OPEN_METRICS_H_
