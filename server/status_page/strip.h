// Strips of the last hour: one cell per minute, whose height and colour show how far a figure is
// from its reference.

#ifndef MLP_SERVER_STATUS_PAGE_STRIP_H_
#define MLP_SERVER_STATUS_PAGE_STRIP_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

// How far a figure is from its reference: 0 (close) to 5, negative if below it. Steps 1 to 5
// start at the values on the right.
int ShareStep(double share, double reference);  // 2, 5, 10, 20, 40 percentage points
int RatioStep(double ratio);                    // 1, 1.5, 2.5, 4, 7
// For a share without a reference: its size in the same steps, 0 to 5.
int ShareSizeStep(double share);

enum class StripKind { kShare, kRatio };

struct Strip {
  StripKind kind = StripKind::kShare;
  absl::string_view what;  // escaped: "hidden_1, lower tail"
  const MinuteSeries& series;
  double reference = kUnknown;  // of a share
  int height = 16;              // pixels
};

// An SVG element as wide as its container, with the marks of `model` as lines. Thread-safe.
std::string StripSvg(const Status& status, const StatusModel& model, const Strip& strip);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_STRIP_H_
