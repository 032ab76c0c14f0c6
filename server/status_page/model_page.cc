#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/grouped_digits.h"
#include "server/status_page/bar_chart.h"
#include "server/status_page/figures.h"
#include "server/status_page/glossary.h"
#include "server/status_page/html_text.h"
#include "server/status_page/layer_section.h"
#include "server/status_page/model_summary.h"
#include "server/status_page/moved_tables.h"
#include "server/status_page/page_frame.h"
#include "server/status_page/status_page.h"
#include "server/status_page/time_axis.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxFindings = 20;
constexpr std::size_t kMaxVersions = 50;
constexpr std::size_t kMaxUnfolded = 2;
// Shapes make up most of a page's bytes.
constexpr std::size_t kMaxShapes = 24;
// Above this number of layers, strips are low.
constexpr std::size_t kMaxHighStrips = 12;

std::string RowsText(double rows) { return GroupedDigits(std::llround(rows)); }

std::string VersionLinks(const Status& status, const StatusModel& model,
                         absl::string_view to_root) {
  std::string html;
  std::size_t versions = 0;
  for (const StatusModel& other : status.models) {
    if (other.name != model.name) continue;
    if (++versions > kMaxVersions) break;
    absl::StrAppend(&html, "<a href=\"", ModelLink(other, to_root, other.is_default), "\"",
                    other.version == model.version ? " aria-current=\"page\"" : "", ">",
                    HtmlText(other.version), other.is_default ? " default" : "", "</a>");
  }
  if (versions < 2) return "";
  return absl::StrCat("<nav class=\"versions\" aria-label=\"Versions\"><span>versions</span>", html,
                      "</nav>");
}

std::string ModelTitle(const Status& status, const StatusModel& model, absl::string_view to_root) {
  std::string html = absl::StrCat("<h1>", HtmlText(model.name), " <span class=\"version\">version ",
                                  HtmlText(model.version), "</span> ", StateHtml(model),
                                  TagsHtml(model), "</h1><p class=\"about\">");
  if (!model.architecture.empty()) absl::StrAppend(&html, HtmlText(model.architecture), " · ");
  absl::StrAppend(&html, "loaded ", FigureHtml(DateText(model.loaded_at)), " UTC");
  if (!model.baseline.empty()) {
    absl::StrAppend(&html, " · baseline: ", HtmlText(model.baseline));
  }
  return absl::StrCat(html, "</p>", VersionLinks(status, model, to_root));
}

// Names are quoted for the shell because people copy the commands.
std::string CalibrateAdvice(const StatusModel& model) {
  return absl::StrCat("<code>mlp-client calibrate ",
                      HtmlText(ShellWord(absl::StrCat(model.name, "/", model.version))),
                      " --input train.npy</code> in the model repository, and load the version "
                      "again; or, if the server runs with <code>--model-control "
                      "explicit</code>, <code>mlp-client calibrate ",
                      HtmlText(ShellWord(model.name)), " --version ",
                      HtmlText(ShellWord(model.version)), " --input train.npy --install</code>");
}

std::string BaselineAdvice(const StatusModel& model) {
  if (!model.baseline_error.empty()) {
    return absl::StrCat("<p class=\"advice bad\"><b>The baseline was refused:</b> ",
                        HtmlText(model.baseline_error, kMaxSentenceCharacters),
                        ". The model serves without it. Make a new one: ", CalibrateAdvice(model),
                        ".</p>");
  }
  if (!model.baseline.empty()) return "";
  return absl::StrCat(
      "<p class=\"advice\"><b>There is no baseline,</b> so these figures cannot be judged. "
      "Make one from rows that are known to be right: ",
      CalibrateAdvice(model),
      ". Or learn it from traffic: <code>mlp-server --self-baseline 10000</code></p>");
}

bool HadRequests(const StatusModel& model) {
  return std::any_of(model.request_minutes.begin(), model.request_minutes.end(),
                     [](double rate) { return rate > 0.0; });
}

std::string NoFindings(const StatusModel& model) {
  if (model.drift_ratio > 1.0) {
    return absl::StrCat(
        "<p class=\"finding unsure\">Not certain yet: the last window drifts (ratio ",
        RatioText(model.drift_ratio), "). A second one in a row raises an alarm.</p>");
  }
  if (HasBaseline(model) && std::isnan(model.drift_ratio)) {
    return "<p class=\"finding unsure\">Nothing is judged yet: no window is full. A window "
           "needs <code>--saturation-window</code> rows, or a minute with 1,000 rows. Inputs and "
           "outputs take longer, because only some of their rows are watched.</p>";
  }
  return model.baseline.empty()
             ? "<p class=\"finding unsure\">No problems found that can be detected without a "
               "baseline.</p>"
             : "<p class=\"finding none\"><span class=\"tick\" aria-hidden=\"true\">✓</span> No "
               "problems found.</p>";
}

std::string FindingsHtml(const StatusModel& model) {
  std::string html = "<section aria-labelledby=\"findings\"><h2 id=\"findings\">What is wrong</h2>";
  if (model.findings.empty()) {
    absl::StrAppend(&html, NoFindings(model));
  } else {
    absl::StrAppend(&html, "<ol class=\"findings\">");
    for (std::size_t i = 0; i < std::min(model.findings.size(), kMaxFindings); ++i) {
      absl::StrAppend(&html, "<li class=\"finding\"><span aria-hidden=\"true\">▲</span> ",
                      HtmlText(model.findings[i], kMaxSentenceCharacters), "</li>");
    }
    absl::StrAppend(&html, "</ol>");
  }
  absl::StrAppend(&html, BaselineAdvice(model));
  if (!HadRequests(model)) {
    absl::StrAppend(&html,
                    "<p class=\"advice\"><b>No requests in the last hour.</b> Send one: "
                    "<code>mlp-client infer ",
                    HtmlText(ShellWord(model.name)), " --input rows.csv</code></p>");
  }
  return html + "</section>\n";
}

std::string TrafficTiles(const StatusModel& model) {
  std::string html =
      "<section aria-labelledby=\"traffic\"><h2 id=\"traffic\">Traffic</h2><dl class=\"tiles\">";
  for (const SummaryFigure& figure : SummaryFigures(model)) {
    absl::StrAppend(&html, "<div class=\"card\"><dt>", figure.name, "</dt><dd>", figure.html,
                    "</dd></div>");
  }
  return html + "</dl></section>\n";
}

// Sorted by distance from their references, the furthest first.
std::vector<std::size_t> LayersByDistance(const StatusModel& model) {
  std::vector<std::size_t> layers(model.layers.size());
  std::iota(layers.begin(), layers.end(), 0);
  std::stable_sort(layers.begin(), layers.end(), [&](std::size_t a, std::size_t b) {
    return LayerDistance(model.layers[a]) > LayerDistance(model.layers[b]);
  });
  return layers;
}

// Links to the layers furthest from their references, for models with many layers.
std::string FurthestLayers(const StatusModel& model, const std::vector<std::size_t>& by_distance) {
  std::string html;
  for (std::size_t i = 0; i < std::min<std::size_t>(by_distance.size(), 8); ++i) {
    const StatusLayer& layer = model.layers[by_distance[i]];
    if (LayerDistance(layer) < 2.0) break;
    absl::StrAppend(&html,
                    html.empty() ? "<p class=\"furthest\">Furthest from their references: " : ", ",
                    "<a href=\"#layer-", by_distance[i], "\">", HtmlText(layer.name), "</a>");
  }
  return html.empty() ? html : html + "</p>";
}

std::string LayersHtml(const Status& status, const StatusModel& model) {
  std::string html =
      "<section aria-labelledby=\"layers\"><h2 id=\"layers\">Layers over the last hour</h2>";
  if (model.layers.empty()) return html + "<p class=\"empty\">No layers are known.</p></section>\n";
  std::vector<std::size_t> by_distance = LayersByDistance(model);
  const std::size_t all = by_distance.size();
  const bool is_compact = all > kMaxHighStrips;
  if (is_compact) absl::StrAppend(&html, FurthestLayers(model, by_distance));
  std::vector<std::size_t> unfolded;
  // Expand the first layers: what is wrong in them shows in the later ones too.
  for (std::size_t number = 0; number < all && unfolded.size() < kMaxUnfolded; ++number) {
    const StatusLayer& layer = model.layers[number];
    if (LayerDistance(layer) >= 3.0 && !layer.shape.shares.empty()) unfolded.push_back(number);
  }
  const auto furthest =
      by_distance.begin() + static_cast<std::ptrdiff_t>(std::min(all, kMaxShapes));
  const absl::flat_hash_set<std::size_t> shaped(by_distance.begin(), furthest);
  by_distance.resize(std::min(all, kMaxLayerSections));
  std::sort(by_distance.begin(), by_distance.end());
  absl::StrAppend(&html, StripLegendHtml(!model.baseline.empty()), MarksHtml(status, model),
                  is_compact ? "<div class=\"track times low\">" : "<div class=\"track times\">",
                  "<span class=\"k\"></span>", TimeAxisSvg(status, model),
                  "<span class=\"v\">now</span></div>\n");
  for (const std::size_t layer : by_distance) {
    const bool is_unfolded = std::count(unfolded.begin(), unfolded.end(), layer) > 0;
    absl::StrAppend(&html, LayerSectionHtml(status, model,
                                            {.number = layer,
                                             .is_unfolded = is_unfolded,
                                             .is_compact = is_compact,
                                             .has_shape = shaped.contains(layer)}));
  }
  if (by_distance.size() < all) {
    absl::StrAppend(&html, "<p class=\"empty\">", all - by_distance.size(),
                    " more layers, nearer to their references, are in status.json.</p>");
  }
  return html + "</section>\n";
}

}  // namespace

std::string ModelHtml(const Status& status, const StatusModel& model, absl::string_view to_root,
                      bool refreshes) {
  const PageFrame frame{.title = absl::StrCat(model.name, " ", model.version, " – mlpserve"),
                        .to_root = std::string(to_root),
                        .refreshes = refreshes};
  return FramedPage(
      status, frame,
      absl::StrCat(
          ModelTitle(status, model, to_root), FindingsHtml(model), TrafficTiles(model),
          LayersHtml(status, model),
          "<section aria-labelledby=\"moved\"><h2 id=\"moved\">What moved</h2><div "
          "class=\"cards\">",
          MovedInputsHtml(model), MovedClassesHtml(model),
          "</div></section>\n<section aria-labelledby=\"spread\"><h2 id=\"spread\">Latency and "
          "batches</h2><div class=\"cards\">",
          BarChartHtml({.histogram = model.latency,
                        .title = "Latency",
                        .unit = "requests",
                        .text = DurationText}),
          BarChartHtml({.histogram = model.batch_rows,
                        .title = "Rows per batch",
                        .unit = "batches",
                        .text = RowsText}),
          "</div></section>\n", GlossaryHtml()));
}

}  // namespace mlp
