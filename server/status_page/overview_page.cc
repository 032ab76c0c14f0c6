#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/status_page/figures.h"
#include "server/status_page/html_text.h"
#include "server/status_page/model_summary.h"
#include "server/status_page/page_frame.h"
#include "server/status_page/status_page.h"

namespace mlp {
namespace {

// This many models can be read at a glance.
constexpr std::size_t kFewModels = 10;
constexpr int kMaxUrgent = 10;

// The models that fit on the page, those that need attention first.
std::vector<const StatusModel*> ShownModelsOf(const Status& status) {
  std::vector<const StatusModel*> models;
  models.reserve(status.models.size());
  for (const StatusModel& model : status.models) models.push_back(&model);
  std::stable_partition(models.begin(), models.end(),
                        [](const StatusModel* model) { return NeedsAttention(*model); });
  if (models.size() > kMaxModelRows) models.resize(kMaxModelRows);
  return models;
}

std::string LoadedText(const Status& status, const StatusModel& model) {
  if (model.loaded_at == std::chrono::system_clock::time_point()) return "";
  return absl::StrCat("<small>loaded ", AgeText(model.loaded_at, status.now), " ago</small>");
}

std::string ModelRow(const Status& status, const StatusModel& model) {
  std::string html = absl::StrCat(
      "<tbody class=\"", NeedsAttention(model) ? "attention" : "calm",
      "\" role=\"rowgroup\"><tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><a href=\"",
      ModelLink(model, "", model.is_default), "\">", HtmlText(model.name),
      "</a> <span class=\"version\">", HtmlText(model.version), "</span> ", TagsHtml(model),
      "</th><td role=\"cell\" data-name=\"state\">", StateHtml(model), LoadedText(status, model),
      "</td>");
  for (const SummaryFigure& figure : SummaryFigures(model)) {
    absl::StrAppend(&html, "<td role=\"cell\" data-name=\"", figure.name, "\">", figure.html,
                    "</td>");
  }
  absl::StrAppend(&html, "</tr>");
  if (!model.findings.empty()) {
    absl::StrAppend(&html,
                    "<tr class=\"finding\" role=\"row\"><td colspan=\"6\" role=\"cell\">"
                    "<span aria-hidden=\"true\">▲</span> ",
                    HtmlText(model.findings.front(), kMaxSentenceCharacters));
    if (model.findings.size() > 1) {
      absl::StrAppend(&html, " <small>(", model.findings.size() - 1,
                      model.findings.size() == 2 ? " more finding" : " more findings", ")</small>");
    }
    absl::StrAppend(&html, "</td></tr>");
  }
  return html + "</tbody>\n";
}

std::string OverviewTable(const Status& status, const std::vector<const StatusModel*>& models) {
  std::string html =
      "<table class=\"models\" role=\"table\"><caption class=\"sr\">Models and versions, with the "
      "last minute's figures and their last hour</caption><thead role=\"rowgroup\"><tr "
      "role=\"row\">";
  for (const char* const name :
       {"model", "state", "requests/s", "latency", "refused/s, errors", "drift ratio"}) {
    absl::StrAppend(&html, "<th scope=\"col\" role=\"columnheader\">", name, "</th>");
  }
  absl::StrAppend(&html, "</tr></thead>\n");
  for (const StatusModel* model : models) absl::StrAppend(&html, ModelRow(status, *model));
  return html + "</table>\n";
}

// The worst finding of each model, if the table is long.
std::string UrgentList(const Status& status) {
  if (status.models.size() < kFewModels) return "";
  std::string html;
  int listed = 0;
  for (const StatusModel& model : status.models) {
    if (model.findings.empty()) continue;
    if (++listed > kMaxUrgent) break;
    absl::StrAppend(&html, "<li><a href=\"", ModelLink(model, "", model.is_default), "\">",
                    HtmlText(model.name), " ", HtmlText(model.version),
                    "</a>: ", HtmlText(model.findings.front(), kMaxSentenceCharacters), "</li>");
  }
  return html.empty() ? html : absl::StrCat("<ul class=\"urgent\">", html, "</ul>");
}

std::string OverviewHeadline(const Status& status) {
  const auto wanting = std::count_if(status.models.begin(), status.models.end(), NeedsAttention);
  const auto unjudged = std::count_if(status.models.begin(), status.models.end(),
                                      [](const StatusModel& model) { return !HasBaseline(model); });
  if (wanting == 0 && unjudged > 0) {
    return absl::StrCat("<h1 class=\"head\"><span>No problems found, but ", unjudged, " of ",
                        status.models.size(), status.models.size() == 1 ? " version" : " versions",
                        unjudged == 1 ? " has no baseline and is not judged"
                                      : " have no baseline and are not judged",
                        "</span></h1>");
  }
  if (wanting == 0)
    return "<h1 class=\"head\"><span class=\"tick\" aria-hidden=\"true\">✓</span><span>Nothing "
           "needs attention</span></h1>";
  return absl::StrCat("<h1 class=\"head\"><span class=\"far\" aria-hidden=\"true\">▲</span><span>",
                      wanting, " of ", status.models.size(),
                      status.models.size() == 1 ? " version" : " versions",
                      wanting == 1 ? " needs" : " need", " attention</span></h1>");
}

}  // namespace

std::string StatusHtml(const Status& status, bool refreshes) {
  const PageFrame frame{.title = "mlpserve", .to_root = "", .refreshes = refreshes};
  if (status.models.empty()) {
    return FramedPage(
        status, frame,
        status.ready
            ? "<h1>No models are loaded</h1><p class=\"card empty\">Put a model into the "
              "repository as <code>NAME/1/model.onnx</code>, or load one with <code>mlp-client "
              "load NAME</code>.</p>"
            : "<h1>No models are loaded yet</h1><p class=\"card empty\">The server is "
              "starting or stopping. See its log.</p>");
  }
  const std::vector<const StatusModel*> models = ShownModelsOf(status);
  std::string main =
      absl::StrCat(OverviewHeadline(status), UrgentList(status), OverviewTable(status, models));
  if (models.size() < status.models.size()) {
    absl::StrAppend(
        &main, "<p class=\"empty\">", status.models.size() - models.size(),
        " more versions are in <a href=\"status.json\">status.json</a>; those that need "
        "attention are listed first.</p>");
  }
  return FramedPage(status, frame, main);
}

}  // namespace mlp
