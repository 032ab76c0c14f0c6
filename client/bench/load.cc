#include "client/bench/load.h"

#include <algorithm>

namespace mlp {

std::int64_t LoadResult::ErrorCount() const {
  std::int64_t count = 0;
  for (const auto& [code, of_code] : errors) count += of_code;
  return count;
}

double LoadResult::Rate() const {
  const double seconds = std::chrono::duration<double>(window).count();
  return seconds > 0.0 ? static_cast<double>(answered_in_window) / seconds : 0.0;
}

double LoadResult::OwnCpuMicroseconds() const {
  if (sent == 0) return 0.0;
  return std::chrono::duration<double, std::micro>(own_cpu_time).count() /
         static_cast<double>(sent);
}

void LoadResult::Merge(const LoadResult& part) {
  sent += part.sent;
  answered += part.answered;
  for (const auto& [code, count] : part.errors) errors[code] += count;
  wrong += part.wrong;
  if (first_error.empty()) first_error = part.first_error;
  latency.Merge(part.latency);
  answered_in_window += part.answered_in_window;
  window = std::max(window, part.window);
  lag.Merge(part.lag);
  held_back += part.held_back;
  unsent += part.unsent;
}

}  // namespace mlp
