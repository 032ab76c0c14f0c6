#include "client/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/watch/sparkline.h"

namespace mlp {
namespace {

constexpr std::chrono::milliseconds kBetweenBars(100);
constexpr std::size_t kBarWidth = 30;

// Moves to the start of the line and clears it.
constexpr char kClearBar[] = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(std::ostream& out)
    : out_(out), visible_(&out == &std::cerr && isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  if (!shown_.empty()) out_ << kClearBar << std::flush;
}

void ProgressBar::Show(const std::string& what, double share) {
  const Clock::time_point now = Clock::now();
  if (!visible_ || (!shown_.empty() && now - shown_at_ < kBetweenBars)) return;
  std::string line = Line(what, share);
  shown_at_ = now;
  if (line == shown_) return;
  out_ << kClearBar << line << std::flush;
  shown_ = std::move(line);
}

std::string ProgressBar::Line(const std::string& what, double share) {
  return absl::StrCat(what, "  ", Bar(share, 1.0, kBarWidth),
                      absl::StrFormat("%4.0f %%", std::clamp(share, 0.0, 1.0) * 100.0));
}

}  // namespace mlp
