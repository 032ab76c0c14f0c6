// A figure's last hour as a line a few pixels high.

#ifndef MLP_SERVER_STATUS_PAGE_SPARKLINE_H_
#define MLP_SERVER_STATUS_PAGE_SPARKLINE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

struct Sparkline {
  const MinuteSeries& series;
  const MinuteSeries* fainter = nullptr;  // a second line, on the same scale
  double threshold = kUnknown;            // a dashed line, always visible
  absl::string_view what;                 // "Requests a second": starts the text for screen readers
  std::string (*text)(double);            // formats a value
};

// An SVG element as wide as its container. Its lower edge is zero. Thread-safe.
std::string SparklineSvg(const Sparkline& line);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_SPARKLINE_H_
