#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/status_page/html_text.h"
#include "server/status_page/page_frame.h"
#include "server/status_page/status_page.h"

namespace mlp {
namespace {

constexpr char kHtml[] = "text/html; charset=utf-8";

// Null if there is none. An empty `version` matches any version and prefers the default.
const StatusModel* FindModel(const Status& status, absl::string_view name,
                             absl::string_view version) {
  const StatusModel* found = nullptr;
  for (const StatusModel& model : status.models) {
    if (model.name != name || (!version.empty() && model.version != version)) continue;
    if (model.is_default || !version.empty()) return &model;
    if (found == nullptr) found = &model;
  }
  return found;
}

// The path to `/` from a path with this many parts.
std::string ToRoot(std::size_t parts) {
  std::string link;
  for (std::size_t i = 1; i < parts; ++i) link += "../";
  return link;
}

}  // namespace

HttpPage StatusPage(const Status& status, const PageTarget& target) {
  if (target.path == "/status.json") {
    return {.type = "application/json", .text = StatusJson(status)};
  }
  HttpPage page;
  page.type = kHtml;
  page.policy = PagePolicy();
  if (target.path == "/") {
    page.text = StatusHtml(status, target.refreshes);
    return page;
  }
  // "models", NAME and optionally "versions", VERSION.
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(target.path).substr(1), '/');
  const StatusModel* model = nullptr;
  if (parts[0] == "models" && parts.size() == 2) model = FindModel(status, parts[1], "");
  if (parts[0] == "models" && parts.size() == 4 && parts[2] == "versions" && !parts[3].empty()) {
    model = FindModel(status, parts[1], parts[3]);
  }
  if (model != nullptr) {
    page.text = ModelHtml(status, *model, ToRoot(parts.size()), target.refreshes);
    return page;
  }
  page.code = 404;
  page.text = FramedPage(
      status,
      {.title = "not found – mlpserve", .to_root = ToRoot(parts.size()), .refreshes = false},
      absl::StrCat("<h1>Model not found</h1><p class=\"card empty\">Nothing is served at <code>",
                   HtmlText(target.path), "</code>. <a href=\"", ToRoot(parts.size()),
                   "\">All models</a></p>"));
  return page;
}

}  // namespace mlp
