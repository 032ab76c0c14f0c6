// Histograms of the last hour as bars of equal width.

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
  std::string (*text)(double);  // how a bound reads
};

// A figure element with its caption. Empty buckets at the ends are left out. Where there is nothing
// in any, it says so. Thread-safe.
std::string BarChartHtml(const BarChart& chart);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_BAR_CHART_H_
