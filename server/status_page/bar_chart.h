// Charts of the last hour's histograms, with bars of equal width.

#ifndef MLP_SERVER_STATUS_PAGE_BAR_CHART_H_
#define MLP_SERVER_STATUS_PAGE_BAR_CHART_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

struct BarChart {
  const StatusHistogram& histogram;
  absl::string_view title;      // "Latency"
  absl::string_view unit;       // what is counted: "requests"
  std::string (*text)(double);  // formats a bound
};

// A figure element with its caption. Leaves out empty buckets at the ends. If all are empty, says
// so. Thread-safe.
std::string BarChartHtml(const BarChart& chart);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_BAR_CHART_H_
