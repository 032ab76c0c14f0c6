// The page that people look at to see how the server and its models are, and its twin for programs.
//
// All are made of a Status alone. Every text in it is taken for hostile. The size of a page is
// bounded, however many models and layers there are. Every function is thread-safe.

#ifndef MLP_SERVER_STATUS_PAGE_STATUS_PAGE_H_
#define MLP_SERVER_STATUS_PAGE_STATUS_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/http/http_page.h"
#include "server/insight/status.h"

namespace mlp {

// Rows and layers that a page shows; it says how many it leaves out, which are those that are the
// least far from where they should be. /status.json has them all.
inline constexpr std::size_t kMostModelRows = 200;
inline constexpr std::size_t kMostLayerSections = 128;

// `/`: one row for each model and version, with its worst finding. `refreshes`: the page reads
// itself again every 15 seconds.
std::string StatusHtml(const Status& status, bool refreshes = true);

// `/models/NAME` and `/models/NAME/versions/VERSION`: everything about one version. `model` is one
// of `status`; `to_root` leads from the page to `/`, as "../".
std::string ModelHtml(const Status& status, const StatusModel& model, absl::string_view to_root,
                      bool refreshes = true);

// All of `status` with its own names; what is not known is null, and times are in RFC 3339.
std::string StatusJson(const Status& status);

// What `target` is answered with: one of the three, or a page that says that there is no such
// model, of code 404. `/models/NAME` is its default version, or its first where it has none.
HttpPage StatusPage(const Status& status, const PageTarget& target);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_STATUS_PAGE_H_
