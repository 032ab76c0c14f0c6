// The time axis above the strips, the marks on it, and the legend of the strips' cells.

#ifndef MLP_SERVER_STATUS_PAGE_TIME_AXIS_H_
#define MLP_SERVER_STATUS_PAGE_TIME_AXIS_H_

#include <string>
#include <vector>

#include "server/insight/status.h"

namespace mlp {

// The last 24 marks of the hour.
std::vector<StatusMark> ShownMarks(const StatusModel& model);

// Minutes as a share of the width of an axis or a strip: "25%".
std::string AcrossMinutes(double minutes);

// An SVG element as wide as the strips, with a sign for each mark.
std::string TimeAxisSvg(const Status& status, const StatusModel& model);

// The marks as text; empty if there are none.
std::string MarksHtml(const Status& status, const StatusModel& model);

// The legend of the cells. `has_reference`: whether the model has a baseline.
std::string StripLegendHtml(bool has_reference);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_TIME_AXIS_H_
