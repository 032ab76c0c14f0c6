// The last hour of a figure as a line of a few pixels.

#ifndef MLP_SERVER_STATUS_PAGE_SPARKLINE_H_
#define MLP_SERVER_STATUS_PAGE_SPARKLINE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

struct Sparkline {
  const MinuteSeries& series;
  const MinuteSeries* fainter = nullptr;  // a second line on the same scale
  double threshold = kUnknown;            // a dashed line, always in the picture
  absl::string_view what;       // "Requests a second": begins the text for those who listen
  std::string (*text)(double);  // how a value reads
};

// An SVG element as wide as its place. Zero is its lower edge. Thread-safe.
std::string SparklineSvg(const Sparkline& line);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_SPARKLINE_H_
