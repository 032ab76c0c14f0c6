#include "benchmarks/evaluator/measure.h"

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mlp {
namespace {

double Now(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double SecondsOf(const std::function<void()>& side, std::int64_t calls, clockid_t clock) {
  const double start = Now(clock);
  for (std::int64_t i = 0; i < calls; ++i) side();
  return Now(clock) - start;
}

}  // namespace

std::vector<double> Measure(const std::vector<std::function<void()>>& sides,
                            const MeasureOptions& options) {
  const clockid_t clock = options.cpu_time ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  std::vector<std::int64_t> calls;
  for (const std::function<void()>& side : sides) {
    side();
    std::int64_t count = 1;
    double seconds = SecondsOf(side, count, clock);
    while (seconds < options.seconds / 8) {
      count *= 2;
      seconds = SecondsOf(side, count, clock);
    }
    calls.push_back(std::max<std::int64_t>(
        1, static_cast<std::int64_t>(static_cast<double>(count) * options.seconds / seconds)));
  }
  std::vector<std::vector<double>> times(sides.size());
  for (int round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const std::size_t side = (i + static_cast<std::size_t>(round)) % sides.size();
      const double seconds = SecondsOf(sides[side], calls[side], clock);
      times[side].push_back(seconds / static_cast<double>(calls[side]));
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& of_side : times) {
    const auto middle = of_side.begin() + static_cast<std::ptrdiff_t>(of_side.size() / 2);
    std::nth_element(of_side.begin(), middle, of_side.end());
    medians.push_back(*middle);
  }
  return medians;
}

}  // namespace mlp
