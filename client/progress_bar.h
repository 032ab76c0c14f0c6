// How far something long has come, as a bar on the terminal.

#ifndef MLP_CLIENT_PROGRESS_BAR_H_
#define MLP_CLIENT_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace mlp {

// "sending rows  ████████▌            42 %". Writes where `out` is standard error and that is a
// terminal, else nothing. Not thread-safe.
class ProgressBar final {
 public:
  // `out` must outlive it.
  explicit ProgressBar(std::ostream& out);

  // Takes the bar away.
  ~ProgressBar();

  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Draws it anew where something is to be seen of the change, ten times a second at most.
  void Show(const std::string& what, double share);

  // The line of it, without its end. `share` is in [0, 1].
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
