// A progress line on the terminal for `mlp-client bench`.

#ifndef MLP_CLIENT_COMMANDS_BENCH_PROGRESS_H_
#define MLP_CLIENT_COMMANDS_BENCH_PROGRESS_H_

#include <chrono>
#include <ostream>
#include <string>

#include "client/bench/load_generator.h"

namespace mlp {

// Only writes if `out` is standard error and that is a terminal. Not thread-safe.
class BenchProgress final {
 public:
  // `out` must outlive this object.
  explicit BenchProgress(std::ostream& out);

  // Starts a load called `what`.
  void Begin(const std::string& what);

  // Rewrites the line, at most twice a second.
  void Show(const LoadGenerator::Counts& counts);

  // Removes the line.
  void End();

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& out_;
  bool visible_;
  std::string what_;
  Clock::time_point begin_;
  Clock::time_point shown_;
  LoadGenerator::Counts shown_counts_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_BENCH_PROGRESS_H_
