// When a window of rows ends.

#ifndef MLP_SERVER_OBSERVE_ACTIVITY_WINDOW_H_
#define MLP_SERVER_OBSERVE_ACTIVITY_WINDOW_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mlp {

// A window ends at `rows` rows, or after `age` if it has at least `fewest_rows` by then.
struct ActivityWindow {
  // The fewest rows from which dead units can be detected.
  static constexpr std::int64_t kMinRowsForDeadUnits = 1'000;
  // The smallest value allowed for `rows`: drift can be detected in this many.
  static constexpr std::int64_t kMinWindowRows = 200;

  std::int64_t rows = 10'000;
  std::chrono::steady_clock::duration age = std::chrono::seconds(60);
  std::int64_t fewest_rows = kMinRowsForDeadUnits;

  bool IsOver(std::int64_t its_rows, std::chrono::steady_clock::duration its_age) const {
    return its_rows >= rows || (its_age >= age && its_rows >= fewest_rows);
  }

  // One of `count` roughly equal parts of the window.
  ActivityWindow Part(std::size_t count) const {
    const auto parts = static_cast<std::int64_t>(count);
    const auto part_of = [parts](std::int64_t its_rows) {
      return std::max<std::int64_t>(1, its_rows / parts);
    };
    return {part_of(rows), age / parts, part_of(fewest_rows)};
  }
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ACTIVITY_WINDOW_H_
