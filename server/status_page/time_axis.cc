#include "server/status_page/time_axis.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "server/status_page/figures.h"
#include "server/status_page/html_text.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxMarks = 24;
constexpr int kTickMinutes = 15;

bool IsAlarm(const StatusMark& mark) { return absl::StrContains(mark.what, "alarm"); }

// Alarms also differ in shape, so they can be told apart without colour.
absl::string_view SignOf(const StatusMark& mark) { return IsAlarm(mark) ? "▲" : "◆"; }

// Six cells of one colour, the smallest distance first.
std::string Swatches(char colour) {
  std::string svg = "<svg class=\"swatches\" width=\"78\" height=\"14\" aria-hidden=\"true\">";
  for (int distance = 0; distance <= 5; ++distance) {
    const double height = 14 * (0.25 + 0.15 * distance);
    absl::StrAppendFormat(
        &svg, "<rect class=\"%c%d\" x=\"%d\" y=\"%.3g\" width=\"12\" height=\"%.3g\"/>", colour,
        distance, 13 * distance, colour == 'd' ? 0.0 : 14 - height, height);
  }
  return svg + "</svg>";
}

}  // namespace

std::vector<StatusMark> ShownMarks(const StatusModel& model) {
  std::vector<StatusMark> marks;
  for (const StatusMark& mark : model.marks) {
    if (mark.minute >= 0 && mark.minute < static_cast<std::int64_t>(kStatusMinutes)) {
      marks.push_back(mark);
    }
  }
  // Join the marks of one minute: their signs would overlap.
  std::vector<StatusMark> joined;
  for (StatusMark& mark : marks) {
    if (joined.empty() || joined.back().minute != mark.minute) {
      joined.push_back(std::move(mark));
    } else if (!absl::StrContains(joined.back().what, mark.what)) {
      absl::StrAppend(&joined.back().what, ", ", mark.what);
    }
  }
  marks = std::move(joined);
  if (marks.size() > kMaxMarks) marks.erase(marks.begin(), marks.end() - kMaxMarks);
  return marks;
}

std::string AcrossMinutes(double minutes) {
  return absl::StrFormat("%.4g%%", 100.0 * minutes / static_cast<double>(kStatusMinutes));
}

std::string TimeAxisSvg(const Status& status, const StatusModel& model) {
  std::string svg = "<svg class=\"axis\" height=\"30\" aria-hidden=\"true\">";
  const auto now = std::chrono::duration_cast<std::chrono::minutes>(status.now.time_since_epoch());
  for (std::int64_t minute = 0; minute < static_cast<std::int64_t>(kStatusMinutes); ++minute) {
    const std::int64_t clock = now.count() - static_cast<std::int64_t>(kStatusMinutes) + 1 + minute;
    if (clock % kTickMinutes != 0) continue;
    const std::string x = AcrossMinutes(static_cast<double>(minute));
    absl::StrAppend(&svg, "<line class=\"tick\" x1=\"", x, "\" x2=\"", x,
                    "\" y1=\"24\" y2=\"30\"/>");
    // Text at the edges would be cut off.
    if (minute < 3 || minute > 56) continue;
    absl::StrAppend(&svg, "<text x=\"", x, "\" y=\"21\" text-anchor=\"middle\">",
                    ClockText(MinuteTime(status, minute)), "</text>");
  }
  for (const StatusMark& mark : ShownMarks(model)) {
    absl::StrAppend(&svg, "<text class=\"sign", IsAlarm(mark) ? " alarm" : "", "\" x=\"",
                    AcrossMinutes(static_cast<double>(mark.minute)),
                    "\" y=\"9\" text-anchor=\"middle\">", SignOf(mark), "<title>",
                    ClockText(MinuteTime(status, mark.minute)), " ", HtmlText(mark.what),
                    "</title></text>");
  }
  return svg + "</svg>";
}

std::string MarksHtml(const Status& status, const StatusModel& model) {
  const std::vector<StatusMark> marks = ShownMarks(model);
  if (marks.empty()) return "";
  std::string html = "<ul class=\"marks\">";
  for (const StatusMark& mark : marks) {
    absl::StrAppend(&html, "<li><span class=\"sign", IsAlarm(mark) ? " alarm" : "",
                    "\" aria-hidden=\"true\">", SignOf(mark), "</span> ",
                    ClockText(MinuteTime(status, mark.minute)), " ", HtmlText(mark.what), "</li>");
  }
  return html + "</ul>";
}

std::string StripLegendHtml(bool has_reference) {
  std::string html = "<ul class=\"legend\">";
  if (has_reference) {
    absl::StrAppend(&html, "<li>", Swatches('u'),
                    " share 0, 2, 5, 10, 20, 40 points above its reference</li><li>", Swatches('d'),
                    " below it</li>");
  } else {
    absl::StrAppend(&html, "<li>", Swatches('n'),
                    " share of 0, 2, 5, 10, 20, 40&nbsp;%; there is no reference</li>");
  }
  absl::StrAppend(
      &html, "<li>", Swatches('u'),
      " drift ratio of up to 1, and above 1, 1.5, 2.5, 4 and 7: above 1 is drift</li></ul>");
  return html;
}

}  // namespace mlp
