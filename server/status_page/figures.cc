#include "server/status_page/figures.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "model/grouped_digits.h"

namespace mlp {
namespace {

constexpr char kDash[] = "–";
constexpr char kSpace[] = "\u00a0";  // keeps a figure and its unit on one line
constexpr char kMinus[] = "−";

// Above this, only the power of ten is worth showing.
constexpr double kLargest = 1e15;

// For `number` >= 0: two significant digits, or all digits before the point.
std::string TwoDigits(double number) {
  if (number >= kLargest) return absl::StrFormat("%.1e", number);
  if (number >= 99.5) return GroupedDigits(std::llround(number));
  if (number >= 9.95) return absl::StrFormat("%.0f", number);
  if (number >= 0.995 || number == 0.0)
    return absl::StrFormat("%.*f", number == 0.0 ? 0 : 1, number);
  return absl::StrFormat("%.2g", number);
}

}  // namespace

std::string ShareText(double share) {
  if (std::isnan(share)) return kDash;
  const double percent = 100 * share;
  if (percent > 0.0 && percent < 0.01) return absl::StrCat("under", kSpace, "0.01", kSpace, "%");
  if (percent > 99.0 && percent < 99.95) return absl::StrFormat("%.1f%s%%", percent, kSpace);
  return absl::StrCat(TwoDigits(percent), kSpace, "%");
}

std::string DurationText(double seconds) {
  if (std::isnan(seconds)) return kDash;
  if (std::isinf(seconds)) return "∞";
  if (seconds >= 0.995) return absl::StrCat(TwoDigits(seconds), kSpace, "s");
  if (seconds >= 0.995e-3) return absl::StrCat(TwoDigits(1e3 * seconds), kSpace, "ms");
  return absl::StrCat(TwoDigits(1e6 * seconds), kSpace, "µs");
}

std::string RateText(double per_second) {
  return std::isnan(per_second) ? kDash : TwoDigits(per_second);
}

std::string RatioText(double ratio) {
  if (std::isnan(ratio)) return kDash;
  // Larger values tell nothing more.
  if (ratio > 1000) return "over 1,000";
  if (ratio >= 99.95) return TwoDigits(ratio);
  return absl::StrFormat("%.*f", ratio < 0.995 ? 2 : 1, ratio);
}

std::string NumberText(double number) {
  if (std::isnan(number)) return kDash;
  const std::string text = absl::StrFormat("%.3g", std::fabs(number));
  return number < 0 ? absl::StrCat(kMinus, text) : text;
}

std::string DeviationsText(double deviations) {
  if (std::isnan(deviations)) return kDash;
  return absl::StrCat(deviations < 0 ? kMinus : "+", TwoDigits(std::fabs(deviations)), kSpace, "σ");
}

std::string ClockText(std::chrono::system_clock::time_point time) {
  if (time == std::chrono::system_clock::time_point()) return kDash;
  return absl::FormatTime("%H:%M", absl::FromChrono(time), absl::UTCTimeZone());
}

std::string DateText(std::chrono::system_clock::time_point time) {
  if (time == std::chrono::system_clock::time_point()) return kDash;
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromChrono(time), absl::UTCTimeZone());
}

std::string AgeText(std::chrono::system_clock::time_point time,
                    std::chrono::system_clock::time_point now) {
  if (time == std::chrono::system_clock::time_point()) return kDash;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - time).count();
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (seconds < kMinute) return absl::StrCat(seconds < 0 ? 0 : seconds, kSpace, "s");
  if (seconds < kHour) return absl::StrCat(seconds / kMinute, kSpace, "min");
  if (seconds < kDay) {
    return absl::StrCat(seconds / kHour, kSpace, "h ", seconds % kHour / kMinute, kSpace, "min");
  }
  return absl::StrCat(seconds / kDay, kSpace, seconds / kDay == 1 ? "day" : "days");
}

std::chrono::system_clock::time_point MinuteTime(const Status& status, std::int64_t minute) {
  return status.now - std::chrono::minutes(static_cast<std::int64_t>(kStatusMinutes) - 1 - minute);
}

std::string FigureHtml(const std::string& text) {
  if (text != kDash) return text;
  return "<span aria-hidden=\"true\">–</span><span class=\"sr\">unknown</span>";
}

SeriesRange RangeOf(const MinuteSeries& series) {
  SeriesRange range;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double value = series[i];
    if (std::isnan(value)) continue;
    if (!range.known || value < range.least) range.least = value;
    if (!range.known || value > range.greatest) {
      range.greatest = value;
      range.greatest_at = i;
    }
    range.known = true;
  }
  range.last = series.back();
  return range;
}

}  // namespace mlp
