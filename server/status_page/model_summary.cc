#include "server/status_page/model_summary.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/grouped_digits.h"
#include "server/status_page/figures.h"
#include "server/status_page/html_text.h"
#include "server/status_page/sparkline.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxLabels = 10;
constexpr std::size_t kMaxReasons = 3;

std::string BigFigure(const std::string& text, absl::string_view unit = "") {
  return absl::StrCat("<span class=\"big\">", FigureHtml(text), "</span>", unit.empty() ? "" : " ",
                      unit);
}

std::string LatencyHtml(const StatusModel& model) {
  return absl::StrCat("<span class=\"big\">", FigureHtml(DurationText(model.p50_seconds)),
                      "</span> <small>p50</small> <span class=\"big second\">",
                      FigureHtml(DurationText(model.p99_seconds)), "</span> <small>p99</small>",
                      SparklineSvg({.series = model.p99_minutes,
                                    .fainter = &model.p50_minutes,
                                    .what = "99th percentile of the latency",
                                    .text = DurationText}));
}

// The rate of refusals, the number of errors, and the most frequent reasons.
std::string RefusalsHtml(const StatusModel& model) {
  std::string html = absl::StrCat(
      BigFigure(RateText(model.refused_per_second)),
      model.errors > 0 ? absl::StrCat(" <b class=\"far\">", GroupedDigits(model.errors),
                                      model.errors == 1 ? " error</b>" : " errors</b>")
                       : std::string(),
      SparklineSvg({.series = model.refused_minutes,
                    .what = "Refused requests a second",
                    .text = RateText}));
  std::vector<std::pair<std::string, std::int64_t>> reasons;
  for (const auto& reason : model.refusals) {
    if (reason.second > 0) reasons.push_back(reason);
  }
  if (reasons.empty()) return html;
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  absl::StrAppend(&html, "<small class=\"reasons\">");
  for (std::size_t i = 0; i < std::min(reasons.size(), kMaxReasons); ++i) {
    absl::StrAppend(&html, i == 0 ? "" : ", ", HtmlText(reasons[i].first), " ",
                    GroupedDigits(reasons[i].second));
  }
  if (reasons.size() > kMaxReasons) {
    absl::StrAppend(&html, ", ", reasons.size() - kMaxReasons, " more");
  }
  return html + "</small>";
}

std::string DriftHtml(const StatusModel& model) {
  const bool is_drift = model.drift_ratio > 1.0;
  std::string html =
      absl::StrCat("<span class=\"big", is_drift ? " far" : "", "\">", is_drift ? "▲ " : "",
                   FigureHtml(RatioText(model.drift_ratio)), "</span>");
  if (!model.baseline_error.empty()) {
    absl::StrAppend(&html, " <small class=\"far\">baseline refused</small>");
  } else if (model.baseline.empty()) {
    absl::StrAppend(&html, " <small>no baseline</small>");
  }
  return html + SparklineSvg({.series = model.drift_minutes,
                              .threshold = 1.0,
                              .what = "Drift ratio",
                              .text = RatioText});
}

}  // namespace

bool NeedsAttention(const StatusModel& model) {
  return !model.findings.empty() || !model.baseline_error.empty() || model.drift_ratio > 1.0 ||
         (model.state != "READY" && model.state != "LOADING");
}

std::string ModelLink(const StatusModel& model, absl::string_view to_root, bool default_version) {
  std::string link = absl::StrCat(to_root, "models/", UrlPart(model.name));
  if (default_version) return link;
  return absl::StrCat(link, "/versions/", UrlPart(model.version));
}

std::string StateHtml(const StatusModel& model) {
  const absl::string_view look = model.state == "READY"     ? "good"
                                 : model.state == "LOADING" ? "wait"
                                                            : "bad";
  return absl::StrCat("<span class=\"state ", look, "\">",
                      HtmlText(model.state, kMaxSentenceCharacters), "</span>");
}

std::string TagsHtml(const StatusModel& model) {
  std::string html;
  if (model.is_default) html = "<span class=\"tag\">default</span>";
  for (std::size_t i = 0; i < std::min(model.labels.size(), kMaxLabels); ++i) {
    absl::StrAppend(&html, "<span class=\"tag label\">", HtmlText(model.labels[i]), "</span>");
  }
  if (model.labels.size() > kMaxLabels) {
    absl::StrAppend(&html, "<span class=\"tag\">", model.labels.size() - kMaxLabels,
                    " more</span>");
  }
  return html;
}

std::vector<SummaryFigure> SummaryFigures(const StatusModel& model) {
  return {{"requests/s", absl::StrCat(BigFigure(RateText(model.requests_per_second)),
                                      SparklineSvg({.series = model.request_minutes,
                                                    .what = "Requests a second",
                                                    .text = RateText}))},
          {"latency", LatencyHtml(model)},
          {"refused/s, errors", RefusalsHtml(model)},
          {"drift ratio", DriftHtml(model)}};
}

}  // namespace mlp
