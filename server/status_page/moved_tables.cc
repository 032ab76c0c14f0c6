#include "server/status_page/moved_tables.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "server/status_page/figures.h"
#include "server/status_page/html_text.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxMovedRows = 10;
constexpr double kMinShift = 0.1;  // in standard deviations

std::string Percent(double share) {
  return absl::StrFormat("%.4g%%", 100.0 * std::clamp(std::isnan(share) ? 0.0 : share, 0.0, 1.0));
}

// A bar from the middle to the side that the input moved to.
std::string DeviationBar(double deviations, double greatest) {
  const double length = std::isnan(deviations) ? 0.0 : 0.5 * std::fabs(deviations) / greatest;
  return absl::StrCat("<svg class=\"hbar\" height=\"12\" aria-hidden=\"true\"><rect class=\"",
                      deviations < 0 ? "d3" : "u3", "\" height=\"12\" width=\"", Percent(length),
                      "\" x=\"", Percent(deviations < 0 ? 0.5 - length : 0.5),
                      "\"/><line class=\"middle\" x1=\"50%\" x2=\"50%\" y2=\"12\"/></svg>");
}

// The share as a bar, with the reference as a line across it.
std::string ShareBar(const StatusFigure& share, double greatest) {
  std::string svg = absl::StrCat(
      "<svg class=\"hbar\" height=\"12\" aria-hidden=\"true\"><rect class=\"bar\" y=\"2\" "
      "height=\"8\" width=\"",
      Percent(share.value / greatest), "\"/>");
  if (!std::isnan(share.reference)) {
    const std::string x = Percent(share.reference / greatest);
    absl::StrAppend(&svg, "<line class=\"reference\" x1=\"", x, "\" x2=\"", x, "\" y2=\"12\"/>");
  }
  return svg + "</svg>";
}

std::string MovedCard(absl::string_view title, absl::string_view content) {
  return absl::StrCat("<section class=\"card\"><h3>", title, "</h3>", content, "</section>");
}

// The shares of rows that differ from the training's.
std::string RowsHtml(const StatusModel& model) {
  std::string html;
  const auto add = [&](double share, double healthy, absl::string_view what) {
    if (std::isnan(share)) return;
    absl::StrAppend(&html, html.empty() ? "<p class=\"rows\">Rows with a value " : "; ", what, ": ",
                    share > healthy ? "<b class=\"far\">" : "<b>", ShareText(share), "</b>");
  };
  add(model.out_of_range_share, MostOutOfRange(model), "outside the baseline's range");
  add(model.missing_share, kNotableShareOfRows, "missing");
  add(model.not_finite_share, 0.0, "infinite");
  return html.empty() ? html : html + "</p>";
}

}  // namespace

std::string MovedInputsHtml(const StatusModel& model) {
  const absl::string_view title = "Inputs that moved most";
  std::string html = RowsHtml(model);
  if (model.moved_inputs.empty()) {
    absl::StrAppend(&html, "<p class=\"empty\">",
                    model.baseline.empty() ? "This needs a baseline." : "None known yet.", "</p>");
    return MovedCard(title, html);
  }
  double greatest = 1.0;
  // Smaller shifts are chance.
  const auto moved = std::count_if(
      model.moved_inputs.begin(), model.moved_inputs.end(),
      [](const StatusInput& input) { return !(std::fabs(input.deviations) < kMinShift); });
  const std::size_t rows = std::min(static_cast<std::size_t>(moved), kMaxMovedRows);
  if (rows == 0) {
    return MovedCard(title,
                     html + "<p class=\"empty\">None by 0.1 standard deviations or more.</p>");
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const double deviations = std::fabs(model.moved_inputs[i].deviations);
    if (std::isfinite(deviations)) greatest = std::max(greatest, deviations);
  }
  absl::StrAppend(&html,
                  "<table class=\"moved\"><caption>Shift of the mean, in standard deviations of a "
                  "row</caption><thead class=\"sr\"><tr><th scope=\"col\">input</th><td></td><th "
                  "scope=\"col\">shift</th></tr></thead><tbody>");
  for (std::size_t i = 0; i < rows; ++i) {
    const StatusInput& input = model.moved_inputs[i];
    absl::StrAppend(&html, "<tr><th scope=\"row\">", HtmlText(input.name), "</th><td>",
                    DeviationBar(input.deviations, greatest), "</td><td>",
                    FigureHtml(DeviationsText(input.deviations)), "</td></tr>");
  }
  return MovedCard(title, html + "</tbody></table>");
}

std::string MovedClassesHtml(const StatusModel& model) {
  const absl::string_view title = "Predicted classes that moved most";
  if (model.moved_classes.empty()) {
    return MovedCard(title,
                     absl::StrCat("<p class=\"empty\">",
                                  model.baseline.empty()
                                      ? "This needs a baseline."
                                      : "None: this is not a classifier, or no window is full yet.",
                                  "</p>"));
  }
  double greatest = 1e-9;
  const std::size_t rows = std::min(model.moved_classes.size(), kMaxMovedRows);
  for (std::size_t i = 0; i < rows; ++i) {
    const StatusFigure& share = model.moved_classes[i].share;
    for (const double value : {share.value, share.reference}) {
      if (std::isfinite(value)) greatest = std::max(greatest, value);
    }
  }
  std::string html =
      "<table class=\"moved\"><caption>Share of all rows; the line is the baseline's</caption>"
      "<thead class=\"sr\"><tr><th scope=\"col\">class</th><td></td><th "
      "scope=\"col\">share</th><th "
      "scope=\"col\">reference</th></tr></thead><tbody>";
  for (std::size_t i = 0; i < rows; ++i) {
    const StatusClass& moved = model.moved_classes[i];
    absl::StrAppend(&html, "<tr><th scope=\"row\">", HtmlText(moved.name), "</th><td>",
                    ShareBar(moved.share, greatest), "</td><td>",
                    FigureHtml(ShareText(moved.share.value)), "</td><td><small>ref ",
                    FigureHtml(ShareText(moved.share.reference)), "</small></td></tr>");
  }
  return MovedCard(title, html + "</tbody></table>");
}

}  // namespace mlp
