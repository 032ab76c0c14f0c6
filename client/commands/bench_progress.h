// A line on the terminal that tells what `mlp-client bench` is doing.

#ifndef MLP_CLIENT_COMMANDS_BENCH_PROGRESS_H_
#define MLP_CLIENT_COMMANDS_BENCH_PROGRESS_H_

#include <chrono>
#include <ostream>
#include <string>

#include "client/bench/load_generator.h"

namespace mlp {

// Writes where `out` is standard error and that is a terminal, else nothing. Not thread-safe.
class BenchProgress final {
 public:
  // `out` must outlive it.
  explicit BenchProgress(std::ostream& out);

  // Begins one load, `what`.
  void Begin(const std::string& what);

  // Writes the line anew, twice a second.
  void Show(const LoadGenerator::Counts& counts);

  // Takes the line away.
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
