// Writes metrics in the text format of OpenMetrics 1.0, which has a place for exemplars:
// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md.

#ifndef MLP_SERVER_OBSERVE_OPEN_METRICS_H_
#define MLP_SERVER_OBSERVE_OPEN_METRICS_H_

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <vector>

#include "server/observe/exemplars.h"

namespace mlp {

// The exemplars of histograms, by the family's name: an entry for each of its metrics, in order.
using FamilyExemplars = std::map<std::string, std::vector<BucketExemplars>>;

// All samples have the names that they have in Prometheus' own format: a counter whose name does
// not end with _total, which OpenMetrics demands, is written as of unknown type. Bounds and values
// are written in OpenMetrics' canonical form: 1.0, and not 1.
std::string WriteOpenMetrics(const std::vector<prometheus::MetricFamily>& families,
                             const FamilyExemplars& exemplars);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_OPEN_METRICS_H_
