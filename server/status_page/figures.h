// Formats figures for people. An unknown figure (NaN) is a dash. Every function is thread-safe.

#ifndef MLP_SERVER_STATUS_PAGE_FIGURES_H_
#define MLP_SERVER_STATUS_PAGE_FIGURES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "server/insight/status.h"

namespace mlp {

std::string ShareText(double share);            // 41 %, 3.1 %, under 0.01 %
std::string DurationText(double seconds);       // 340 µs, 1.2 ms, 2.3 s
std::string RateText(double per_second);        // 0.13, 5.2, 12,345
std::string RatioText(double ratio);            // 0.72, 6.0, 3,900
std::string NumberText(double number);          // three digits, like 0.0123
std::string DeviationsText(double deviations);  // +0.8 σ, −12 σ

// Times are in UTC; the epoch is a dash.
std::string ClockText(std::chrono::system_clock::time_point time);  // 14:05
std::string DateText(std::chrono::system_clock::time_point time);   // 2026-11-29 14:05
// The time from `time` to `now`: 45 s, 12 min, 3 h 5 min, 4 days.
std::string AgeText(std::chrono::system_clock::time_point time,
                    std::chrono::system_clock::time_point now);

// The time of minute `minute` of a series that ends now.
std::chrono::system_clock::time_point MinuteTime(const Status& status, std::int64_t minute);

// The figure's text as HTML. Screen readers read a dash as "unknown".
std::string FigureHtml(const std::string& text);

struct SeriesRange {
  bool known = false;  // whether any minute is known
  double least = 0.0;
  double greatest = 0.0;
  std::size_t greatest_at = 0;
  double last = kUnknown;  // of the last minute; NaN if unknown
};
SeriesRange RangeOf(const MinuteSeries& series);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_FIGURES_H_
