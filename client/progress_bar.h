// A progress bar on the terminal for long operations.

#ifndef MLP_CLIENT_PROGRESS_BAR_H_
#define MLP_CLIENT_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace mlp {

// "sending rows  ████████▌            42 %". Only writes if `out` is standard error and that is a
// terminal. Not thread-safe.
class ProgressBar final {
 public:
  // `out` must outlive this object.
  explicit ProgressBar(std::ostream& out);

  // Removes the bar.
  ~ProgressBar();

  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Redraws the bar if it visibly changed, at most ten times a second.
  void Show(const std::string& what, double share);

  // The bar's line, without a line end. `share` is in [0, 1].
  static std::string Line(const std::string& what, double share);

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& out_;
  const bool visible_;
  std::string shown_;
  Clock::time_point shown_at_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_PROGRESS_BAR_H_
