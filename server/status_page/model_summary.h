// The parts about a model version that the overview and its own page share.

#ifndef MLP_SERVER_STATUS_PAGE_MODEL_SUMMARY_H_
#define MLP_SERVER_STATUS_PAGE_MODEL_SUMMARY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

// Whether the version needs attention: it has a finding, a refused baseline, a drift ratio above 1,
// or a state other than READY and LOADING.
bool NeedsAttention(const StatusModel& model);

// The link to its page, from a page that `to_root` leads to `/` from. With `default_version`, to
// the page without a version in its path.
std::string ModelLink(const StatusModel& model, absl::string_view to_root, bool default_version);

std::string StateHtml(const StatusModel& model);
// "default" and up to ten labels.
std::string TagsHtml(const StatusModel& model);

// A figure's current value and its last hour.
struct SummaryFigure {
  absl::string_view name;  // "requests/s"
  std::string html;        // the figure, and the text below the line
};
// Requests, latency, refusals and errors, drift, in this order.
std::vector<SummaryFigure> SummaryFigures(const StatusModel& model);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_MODEL_SUMMARY_H_
