#include "server/insight/finding_text.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace mlp {
namespace {

// The most names in one sentence; the rest are counted.
constexpr std::size_t kMaxNames = 3;

}  // namespace

std::string PercentText(double share) {
  const double percent = 100 * share;
  if (std::isnan(percent)) return "?";
  if (percent >= 9.95 || percent == 0) return absl::StrFormat("%.0f %%", percent);
  return percent >= 0.095 ? absl::StrFormat("%.1f %%", percent)
                          : absl::StrFormat("%.2g %%", percent);
}

std::string ListText(const std::vector<std::string>& names) {
  if (names.size() <= kMaxNames) return absl::StrJoin(names, ", ");
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + kMaxNames, ", "), " and ",
                      names.size() - kMaxNames, " more");
}

std::string SinceText(std::chrono::system_clock::time_point when,
                      std::chrono::system_clock::time_point now) {
  const bool is_today = now - when < std::chrono::hours(20);
  return absl::StrCat("since ",
                      absl::FormatTime(is_today ? "%H:%M" : "%Y-%m-%d %H:%M",
                                       absl::FromChrono(when), absl::UTCTimeZone()),
                      " UTC");
}

}  // namespace mlp
