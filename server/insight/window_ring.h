// Whitened means of past windows, in bounded memory. When it is full, every other window is
// dropped, and from then on only every second, then every fourth, ... is kept. So the windows span
// ever more time.

#ifndef MLP_SERVER_INSIGHT_WINDOW_RING_H_
#define MLP_SERVER_INSIGHT_WINDOW_RING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "model/drift/accepted_windows.h"

namespace mlp {

// Not thread-safe.
class WindowRing final {
 public:
  static constexpr auto kMaxWindows = static_cast<std::size_t>(kMaxAcceptedWindows);

  // Shared, so that copying the ring is cheap.
  using Window = std::shared_ptr<const std::vector<float>>;
  using Windows = std::vector<Window>;

  void Add(std::vector<float> whitened) {
    if (seen_++ % interval_ != 0) return;
    if (windows_.size() == kMaxWindows) {
      // The first stays in place: moving it onto itself would empty it.
      for (std::size_t i = 1; i < kMaxWindows / 2; ++i) windows_[i] = std::move(windows_[2 * i]);
      windows_.resize(kMaxWindows / 2);
      interval_ *= 2;
      if ((seen_ - 1) % interval_ != 0) return;
    }
    windows_.push_back(std::make_shared<const std::vector<float>>(std::move(whitened)));
  }

  // The oldest first.
  const Windows& windows() const { return windows_; }

 private:
  Windows windows_;
  std::int64_t interval_ = 1;
  std::int64_t seen_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_WINDOW_RING_H_
