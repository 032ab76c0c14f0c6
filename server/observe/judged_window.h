// Sums over windows of rows that are judged outside the serving threads.
//
// A window is divided into sub-windows so that the judge can leave out one with a single wild
// event.
//
// A finished window waits for the judge in the second of two buffers, which are swapped: adding
// never allocates and never waits. If the judge is late, the latest window replaces the waiting
// one, so windows keep their intended length.

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

// The most sub-windows in a window.
inline constexpr std::size_t kSubWindows = 10;

// `Sums` has `rows`; everything else is zero if that is. Clear() sets all of it to zero and keeps
// the memory.
template <typename Sums>
struct FinishedWindow {
  std::chrono::system_clock::time_point end;
  std::vector<Sums> sub_windows;  // kSubWindows; the last may be empty

  void Clear() {
    for (Sums& sums : sub_windows) {
      // Callers that poll clear a window each time and usually find none.
      if (sums.rows > 0) sums.Clear();
    }
  }
};

// Not thread-safe: the owner locks.
template <typename Sums>
class JudgedWindow final {
 public:
  using Clock = std::chrono::steady_clock;

  explicit JudgedWindow(ActivityWindow window) : window_(window) {}

  // Empty windows, with sums shaped like `empty`.
  static FinishedWindow<Sums> Make(const Sums& empty) {
    return {{}, std::vector<Sums>(kSubWindows, empty)};
  }

  // Whether windows are kept for a judge.
  bool is_on() const { return !filling_.sub_windows.empty(); }

  // Starts with two empty windows. Swaps, so that the caller frees the old ones.
  void Start(FinishedWindow<Sums>& one, FinishedWindow<Sums>& other, Clock::time_point now) {
    std::swap(filling_, one);
    std::swap(waiting_, other);
    waits_ = false;
    Begin(now);
  }

  // Discards all rows.
  void Restart(Clock::time_point now) {
    filling_.Clear();
    waiting_.Clear();
    waits_ = false;
    Begin(now);
  }

  // Where to add rows. Call Advance afterwards. REQUIRES: is_on().
  Sums& current() { return filling_.sub_windows[index_]; }

  // Ends the sub-window or window if it is due, after `rows` rows were added to it.
  void Advance(std::int64_t rows, Clock::time_point now) {
    rows_ += rows;
    if (window_.IsOver(rows_, now - start_)) {
      std::swap(filling_, waiting_);
      if (waits_) filling_.Clear();  // a window that was never judged
      waiting_.end = std::chrono::system_clock::now();
      waits_ = true;
      Begin(now);
    } else if (index_ + 1 < kSubWindows &&
               window_.Part(kSubWindows).IsOver(current().rows, now - part_start_)) {
      ++index_;
      part_start_ = now;
    }
  }

  // Swaps `window`, which must be cleared, for a waiting one. Returns whether there was one.
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
  FinishedWindow<Sums> waiting_;  // cleared, or waiting for the judge
  bool waits_ = false;
  std::size_t index_ = 0;  // of the sub-window being filled
  std::int64_t rows_ = 0;  // of the window being filled
  Clock::time_point start_;
  Clock::time_point part_start_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_JUDGED_WINDOW_H_
