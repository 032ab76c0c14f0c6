// The times at which the requests of an open loop are due.
//
// They form a Poisson process: the gaps are independent and exponentially distributed, as with many
// independent users. When a request is due does not depend on how the server answers earlier ones.

#ifndef MLP_CLIENT_BENCH_ARRIVAL_SCHEDULE_H_
#define MLP_CLIENT_BENCH_ARRIVAL_SCHEDULE_H_

#include <chrono>
#include <cstdint>
#include <random>

namespace mlp {

// Schedules with the same rate and seed are equal. Not thread-safe.
class ArrivalSchedule final {
 public:
  // `rate` is in requests per second and must be positive.
  ArrivalSchedule(double rate, std::uint64_t seed);

  // When the next request is due, counted from the start of the run. Ascends with each Pop().
  std::chrono::nanoseconds next() const { return next_; }

  void Pop();

 private:
  std::mt19937_64 random_;
  std::exponential_distribution<double> gap_seconds_;
  double seconds_ = 0.0;
  std::chrono::nanoseconds next_{0};
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_ARRIVAL_SCHEDULE_H_
