#include "client/commands/bench_progress.h"

#include <unistd.h>

#include <cmath>
#include <iostream>

#include "absl/strings/str_format.h"
#include "client/text.h"

namespace mlp {
namespace {

constexpr auto kBetweenLines = std::chrono::milliseconds(500);

// Moves to the start of the line and clears it.
constexpr char kClearLine[] = "\r\x1b[K";

}  // namespace

BenchProgress::BenchProgress(std::ostream& out)
    : out_(out), visible_(&out == &std::cerr && isatty(STDERR_FILENO) != 0) {}

void BenchProgress::Begin(const std::string& what) {
  what_ = what;
  begin_ = shown_ = Clock::now();
  shown_counts_ = {};
}

void BenchProgress::Show(const LoadGenerator::Counts& counts) {
  const Clock::time_point now = Clock::now();
  if (!visible_ || now - shown_ < kBetweenLines) return;
  const double seconds = std::chrono::duration<double>(now - shown_).count();
  const auto answered = static_cast<double>(counts.answered - shown_counts_.answered);
  out_ << kClearLine
       << absl::StrFormat("%s: %.1f s, %s requests/s, %s answered, %s errors", what_,
                          std::chrono::duration<double>(now - begin_).count(),
                          FormatCount(std::llround(answered / seconds)),
                          FormatCount(counts.answered), FormatCount(counts.errors))
       << std::flush;
  shown_ = now;
  shown_counts_ = counts;
}

void BenchProgress::End() {
  if (visible_) out_ << kClearLine << std::flush;
}

}  // namespace mlp
