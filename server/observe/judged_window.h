// Sums over windows of rows that somebody judges apart from the serving threads. A window is kept
// in sub-windows, so that the judge can leave out the one in which something wild happened once.
//
// Windows wait for the judge in the second of two buffers, and are handed over by a swap: adding
// never allocates and never waits. Where the judge is late, the latest window takes the place of
// the one that waits, so that windows stay as long as they are to be.

#ifndef MLP_SERVER_OBSERVE_JUDGED_WINDOW_H_
#define MLP_SERVER_OBSERVE_JUDGED_WINDOW_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/observe/activity_window.h"

namespace mlp {

// Those of a window, at most.
inline constexpr std::size_t kSubWindows = 10;

// `Sums` has `rows`, without which all of it is zero, and Clear(), which sets all to zero and keeps
// the memory.
template <typename Sums>
struct FinishedWindow {
  std::chrono::system_clock::time_point end;
  std::vector<Sums> sub_windows;  // kSubWindows of them; the last ones may be without rows

  void Clear() {
    for (Sums& sums : sub_windows) {
      // Whoever looks for windows clears one at each look, and finds none at most of them.
      if (sums.rows > 0) sums.Clear();
    }
  }
};

// Not thread-safe: its owner has a lock.
template <typename Sums>
class JudgedWindow final {
 public:
  using Clock = std::chrono::steady_clock;

  explicit JudgedWindow(ActivityWindow window) : window_(window) {}

  // Windows without rows, of sums like `empty`.
  static FinishedWindow<Sums> Make(const Sums& empty) {
    return {{}, std::vector<Sums>(kSubWindows, empty)};
  }

  // Whether anybody judges. Without, there is nothing to add to.
  bool is_on() const { return !filling_.sub_windows.empty(); }

  // Begins with two windows without rows. Swaps, so that what was here is freed by the caller.
  void Start(FinishedWindow<Sums>& one, FinishedWindow<Sums>& other, Clock::time_point now) {
    std::swap(filling_, one);
    std::swap(waiting_, other);
    waits_ = false;
    Begin(now);
  }

  // Forgets all rows.
  void Restart(Clock::time_point now) {
    filling_.Clear();
    waiting_.Clear();
    waits_ = false;
    Begin(now);
  }

  // Where rows are added. Advance follows. REQUIRES: is_on().
  Sums& current() { return filling_.sub_windows[index_]; }

  // Ends the sub-window and the window that are due, of which `rows` rows were added just now.
  void Advance(std::int64_t rows, Clock::time_point now) {
    rows_ += rows;
    if (window_.IsOver(rows_, now - start_)) {
      std::swap(filling_, waiting_);
      if (waits_) filling_.Clear();  // what nobody judged
      waiting_.end = std::chrono::system_clock::now();
      waits_ = true;
      Begin(now);
    } else if (index_ + 1 < kSubWindows &&
               window_.Part(kSubWindows).IsOver(current().rows, now - part_start_)) {
      ++index_;
      part_start_ = now;
    }
  }

  // Swaps `window`, which must be cleared, for one that waits; whether there was one.
  bool Take(FinishedWindow<Sums>& window) {
    if (!waits_) return false;
    std::swap(waiting_, window);
    waits_ = false;
    return true;
  }

 private:
  void Begin(Clock::time_point now) {
    start_ = part_start_ = now;
    rows_ = 0;
    index_ = 0;
  }

  const ActivityWindow window_;
  FinishedWindow<Sums> filling_;
  FinishedWindow<Sums> waiting_;  // cleared, or a window that waits for the judge
  bool waits_ = false;
  std::size_t index_ = 0;  // of the sub-window that is being filled
  std::int64_t rows_ = 0;  // of the window that is being filled
  Clock::time_point start_;
  Clock::time_point part_start_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_JUDGED_WINDOW_H_
