// What the overview and a model's own page both say of a model version.

#ifndef MLP_SERVER_STATUS_PAGE_MODEL_SUMMARY_H_
#define MLP_SERVER_STATUS_PAGE_MODEL_SUMMARY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/insight/status.h"

namespace mlp {

// Whether something about it wants attention: a finding, a refused baseline, a drift ratio above 1,
// a state other than READY and LOADING.
bool NeedsAttention(const StatusModel& model);

// Its page, from a page that `to_root` leads to `/` from; `default_version`: the one without a
// version in its path.
std::string ModelLink(const StatusModel& model, absl::string_view to_root, bool default_version);

std::string StateHtml(const StatusModel& model);
// "default" and the labels, ten at most.
std::string TagsHtml(const StatusModel& model);

// A figure now and its last hour.
struct SummaryFigure {
  absl::string_view name;  // "requests/s"
  std::string html;        // the figure and what stands below the line
};
// Requests, latency, refusals and errors, drift, in this order.
std::vector<SummaryFigure> SummaryFigures(const StatusModel& model);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_MODEL_SUMMARY_H_
