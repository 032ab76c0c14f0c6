#include "server/status_page/layer_section.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "model/grouped_digits.h"
#include "server/status_page/figures.h"
#include "server/status_page/html_text.h"
#include "server/status_page/shape_chart.h"
#include "server/status_page/strip.h"

namespace mlp {
namespace {

bool IsKnown(const StatusFigure& figure, const MinuteSeries& minutes) {
  return !std::isnan(figure.value) || RangeOf(minutes).known;
}

// One strip with its name in front and its figure behind.
std::string Track(const Status& status, const StatusModel& model, const Strip& strip,
                  absl::string_view name, const std::string& figure) {
  return absl::StrCat("<div class=\"track\"><span class=\"k\">", name, "</span>",
                      StripSvg(status, model, strip), "<span class=\"v\">", figure,
                      "</span></div>");
}

std::string ShareFigure(const StatusFigure& figure) {
  const int distance = std::isnan(figure.reference) ? 0 : ShareStep(figure.value, figure.reference);
  std::string html = absl::StrCat(std::abs(distance) >= 3 ? "<b class=\"far\">" : "<b>",
                                  FigureHtml(ShareText(figure.value)), "</b>");
  if (!std::isnan(figure.reference)) {
    absl::StrAppend(&html, " <small>ref ", ShareText(figure.reference), "</small>");
  }
  return html;
}

std::string DriftFigure(const StatusDrift& drift) {
  const bool is_drift = drift.ratio > 1.0;
  std::string html = absl::StrCat(is_drift ? "<b class=\"far\">" : "<b>",
                                  FigureHtml(RatioText(drift.ratio)), "</b>");
  if (drift.alarmed) {
    absl::StrAppend(&html, " <small class=\"far\">▲ alarm</small>");
  } else if (drift.window_rows > 0) {
    absl::StrAppend(&html, " <small>", GroupedDigits(drift.window_rows), " rows</small>");
  }
  return html;
}

std::string LayerTracks(const Status& status, const StatusModel& model, const StatusLayer& layer,
                        int height) {
  const std::string name = HtmlText(layer.name);
  std::string html;
  const auto add_share = [&](absl::string_view tail, const StatusFigure& figure,
                             const MinuteSeries& minutes) {
    if (!IsKnown(figure, minutes)) return;
    const std::string what = absl::StrCat(name, ", ", tail, " tail");
    const Strip strip{
        .what = what, .series = minutes, .reference = figure.reference, .height = height};
    absl::StrAppend(&html, Track(status, model, strip, tail, ShareFigure(figure)));
  };
  add_share("lower", layer.lower_share, layer.lower_minutes);
  add_share("upper", layer.upper_share, layer.upper_minutes);
  // If nothing is known, show one empty strip so that the layer keeps its place.
  if (html.empty() || IsKnown({.value = layer.drift.ratio}, layer.drift.minutes)) {
    const std::string what = absl::StrCat(name, ", drift ratio");
    const Strip strip{
        .kind = StripKind::kRatio, .what = what, .series = layer.drift.minutes, .height = height};
    absl::StrAppend(&html, Track(status, model, strip, "drift", DriftFigure(layer.drift)));
  }
  return html;
}

// Shown next to the layer's name: what else is wrong. Many activations are one-signed by nature, so
// one-signed units are only shown against a reference.
std::string LayerNotes(const StatusLayer& layer) {
  std::string html;
  const auto add = [&](absl::string_view what, double value, double reference) {
    if (!(value > reference)) return;
    absl::StrAppend(&html, "<span class=\"chip\">", NumberText(value), " ", what);
    if (reference > 0.0) absl::StrAppend(&html, ", ref ", NumberText(reference));
    absl::StrAppend(&html, "</span>");
  };
  const double dead = layer.dead_units.reference;
  add("dead", layer.dead_units.value, std::isnan(dead) ? 0.0 : dead);
  add("one-signed", layer.one_signed_units.value, layer.one_signed_units.reference);
  return html;
}

std::string FiguresTable(const StatusLayer& layer) {
  std::string html = absl::StrCat("<table class=\"figures\"><caption class=\"sr\">Figures of ",
                                  HtmlText(layer.name),
                                  "</caption><thead><tr><th scope=\"col\">figure</th><th "
                                  "scope=\"col\">now</th><th scope=\"col\">reference</th></tr>"
                                  "</thead><tbody>");
  const auto add = [&](absl::string_view what, const std::string& value,
                       const std::string& reference) {
    absl::StrAppend(&html, "<tr><th scope=\"row\">", what, "</th><td>", FigureHtml(value),
                    "</td><td>", FigureHtml(reference), "</td></tr>");
  };
  const auto add_share = [&](absl::string_view what, const StatusFigure& figure) {
    add(what, ShareText(figure.value), ShareText(figure.reference));
  };
  const auto add_number = [&](absl::string_view what, const StatusFigure& figure) {
    add(what, NumberText(figure.value), NumberText(figure.reference));
  };
  if (!layer.activation.empty()) {
    add_share("saturated, lower tail", layer.lower_share);
    add_share("saturated, upper tail", layer.upper_share);
    add_number("dead units", layer.dead_units);
    add_number("one-signed units", layer.one_signed_units);
    add_number("mean activation", layer.mean);
    add_number("zero-centredness", layer.zero_centredness);
    add_number("gradient gain", layer.gradient_gain);
  }
  add("drift ratio", RatioText(layer.drift.ratio), "limit 1.0");
  add("size of the drift", NumberText(layer.drift.effect), NumberText(kUnknown));
  add("drift alarms since the load", GroupedDigits(layer.drift.alarms), RatioText(kUnknown));
  return html + "</tbody></table>";
}

}  // namespace

double LayerDistance(const StatusLayer& layer) {
  double distance = std::isnan(layer.drift.ratio) ? 0.0 : RatioStep(layer.drift.ratio);
  for (const StatusFigure& share : {layer.lower_share, layer.upper_share}) {
    if (std::isnan(share.value) || std::isnan(share.reference)) continue;
    distance = std::max(distance, std::fabs(1.0 * ShareStep(share.value, share.reference)));
  }
  return layer.drift.ratio > 1.0 ? 5.0 + layer.drift.ratio : distance;
}

std::string LayerSectionHtml(const Status& status, const StatusModel& model,
                             const LayerSection& section) {
  const StatusLayer& layer = model.layers[section.number];
  const std::string number = absl::StrCat(section.number);
  std::string kind =
      absl::StrCat(GroupedDigits(layer.units), layer.units == 1 ? " unit" : " units");
  if (layer.activation.empty()) {
    kind = absl::StrCat(GroupedDigits(layer.units), layer.units == 1 ? " value" : " values");
  } else {
    absl::StrAppend(&kind, " · ", HtmlText(layer.activation));
  }
  if (layer.units == 0) kind.clear();
  return absl::StrCat("<article class=\"layer", section.is_compact ? " compact" : "",
                      "\" id=\"layer-", number, "\"><header><h3>", HtmlText(layer.name),
                      "</h3><span class=\"kind\">", kind, "</span>", LayerNotes(layer),
                      "</header><div>",
                      LayerTracks(status, model, layer, section.is_compact ? 10 : 16), "</div>",
                      "<details id=\"more-", number, "\"", section.is_unfolded ? " open" : "",
                      "><summary>figures<span class=\"sr\"> of ", HtmlText(layer.name),
                      "</span></summary><div class=\"more\">", FiguresTable(layer),
                      section.has_shape ? ShapeChartHtml(layer, section.number) : "",
                      "</div></details></article>\n");
}

}  // namespace mlp
