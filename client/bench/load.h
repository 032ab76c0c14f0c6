// What load is put on a server, and what came of it.

#ifndef MLP_CLIENT_BENCH_LOAD_H_
#define MLP_CLIENT_BENCH_LOAD_H_

#include <grpcpp/support/status.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "client/bench/latency_histogram.h"

namespace mlp {

// The most requests that are under way at once. An open loop that reaches it holds the next ones
// back until there is room; their latencies count from when they were due all the same.
inline constexpr int kMostInFlight = 10'000;

inline constexpr double kHighestRate = 1e6;

// Either a closed loop, which keeps `concurrency` requests under way, or an open one, which sends
// requests when they are due, `rate` a second.
struct LoadTarget {
  int concurrency = 0;
  double rate = 0.0;  // 0: a closed loop

  bool open() const { return rate > 0.0; }
};

// When sending ends. What is under way then is still waited for, at most 10 s.
struct LoadEnd {
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::int64_t requests = 0;  // as well, where it is not 0: after so many
};

// Ends a run from outside. Any thread may set them.
struct LoadStop {
  std::atomic<bool> sending{false};  // sends no more, waits for what is under way
  std::atomic<bool> waiting{false};  // and cancels that as well
};

// What a run is up to, for whoever watches it. One thread counts, any may read.
struct LoadProgress {
  std::atomic<std::int64_t> answered{0};
  std::atomic<std::int64_t> errors{0};
};

// Of one run. `sent` is `answered` and all of `errors` together.
struct LoadResult {
  std::int64_t sent = 0;
  std::int64_t answered = 0;  // with OK
  std::map<grpc::StatusCode, std::int64_t> errors;

  // Of `answered`: other values than the same request got at first. Counted where that is checked.
  std::int64_t wrong = 0;

  std::string first_error;  // a message

  // Of each that was answered. In a closed loop from when the request was handed to gRPC, in an
  // open one from when it was due.
  LatencyHistogram latency;

  // The time in which requests were sent, and what was answered with OK in it: their quotient is
  // the rate reached. Where the run was ended by a number of requests: until the last answer.
  std::chrono::nanoseconds window{0};
  std::int64_t answered_in_window = 0;

  // An open loop's: how long after it was due each request was sent, how often one had to wait as
  // kMostInFlight were under way, and how many were due but not sent when sending ended.
  LatencyHistogram lag;
  std::int64_t held_back = 0;
  std::int64_t unsent = 0;

  // User and system time of this whole process.
  std::chrono::nanoseconds own_cpu_time{0};

  std::int64_t ErrorCount() const;

  // Answers with OK a second; 0 where there was no time.
  double Rate() const;

  // Of own_cpu_time, for each request sent; 0 of none.
  double OwnCpuMicroseconds() const;

  // Adds a part of the same run, another thread's, of which own_cpu_time is no matter.
  void Merge(const LoadResult& part);
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LOAD_H_
