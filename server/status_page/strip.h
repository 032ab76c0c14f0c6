// Strips of the last hour: a cell a minute, whose height and colour say how far a figure is from
// its reference.

#ifndef MLP_SERVER_STATUS_PAGE_STRIP_H_
#define MLP_SERVER_STATUS_PAGE_STRIP_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

// How far a figure is from where it should be: 0 (there) to 5, negative below it.
int ShareDistance(double share, double reference);  // by percentage points: 2, 5, 10, 20, 40
int RatioDistance(double ratio);                    // 1, 1.5, 2.5, 4, 7
// Of a share without a reference: its own size, 0 to 5, by the same points.
int ShareSize(double share);

enum class StripKind { kShare, kRatio };

struct Strip {
  StripKind kind = StripKind::kShare;
  absl::string_view what;  // escaped: "hidden_1, lower tail"
  const MinuteSeries& series;
  double reference = kUnknown;  // of a share
  int height = 16;              // pixels
};

// An SVG element as wide as its place, with the marks of `model` as lines. Thread-safe.
std::string StripSvg(const Status& status, const StatusModel& model, const Strip& strip);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_STRIP_H_
