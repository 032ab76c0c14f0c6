// The status pages for people, and the same data as JSON for programs.
//
// All are made only from a Status. Every text in it is treated as hostile. The size of an HTML page
// is bounded, however many models and layers there are. Every function is thread-safe.

#ifndef MLP_SERVER_STATUS_PAGE_STATUS_PAGE_H_
#define MLP_SERVER_STATUS_PAGE_STATUS_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/http/http_page.h"
#include "server/insight/status.h"

namespace mlp {

// The most rows and layers that a page shows. It leaves out those closest to where they should be
// and says how many. /status.json has all of them.
inline constexpr std::size_t kMaxModelRows = 200;
inline constexpr std::size_t kMaxLayerSections = 128;

// `/`: one row per model version, with its worst finding. With `refreshes`, the page fetches itself
// again every 15 seconds.
std::string StatusHtml(const Status& status, bool refreshes = true);

// `/models/NAME` and `/models/NAME/versions/VERSION`: everything about one version. `model` is one
// of `status`. `to_root` leads from the page to `/`, as in "../".
std::string ModelHtml(const Status& status, const StatusModel& model, absl::string_view to_root,
                      bool refreshes = true);

// `status` with its field names, except StatusModel's clearly_moved_inputs and
// expected_out_of_range, and StatusDrift's window_begin and above_since. Unknown values are null
// and times are in RFC 3339.
std::string StatusJson(const Status& status);

// The response to `target`: one of the three above, or a 404 page saying that there is no such
// model. `/models/NAME` shows the default version, or the first one if there is no default.
HttpPage StatusPage(const Status& status, const PageTarget& target);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_STATUS_PAGE_H_
