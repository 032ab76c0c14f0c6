// Describes a load on a server and its results.

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

// The most requests in flight. An open loop that reaches it holds the next ones back until there is
// room. Their latencies still count from when they were due.
inline constexpr int kMaxInFlight = 10'000;

inline constexpr double kHighestRate = 1e6;

// Either a closed loop, which keeps `concurrency` requests in flight, or an open loop, which sends
// `rate` requests per second when they are due.
struct LoadTarget {
  int concurrency = 0;
  double rate = 0.0;  // 0: a closed loop

  bool open() const { return rate > 0.0; }
};

// When sending ends. Answers to requests in flight are then awaited for at most 10 s.
struct LoadEnd {
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::int64_t requests = 0;  // if not 0, sending also ends after this many
};

// Ends a run early. Any thread may set the flags.
struct LoadStop {
  std::atomic<bool> sending{false};  // stops sending, waits for requests in flight
  std::atomic<bool> waiting{false};  // cancels those too
};

// The progress of a run. One thread counts; any thread may read.
struct LoadProgress {
  std::atomic<std::int64_t> answered{0};
  std::atomic<std::int64_t> errors{0};
};

// The result of one run. `sent` is `answered` plus all `errors`.
struct LoadResult {
  std::int64_t sent = 0;
  std::int64_t answered = 0;  // with OK
  std::map<grpc::StatusCode, std::int64_t> errors;

  // How many of `answered` had other values than the same request sent alone. Only counted if
  // answers are checked.
  std::int64_t wrong = 0;

  std::string first_error;  // its message

  // One latency per answered request. In a closed loop it starts when the request is handed to
  // gRPC, in an open loop when it was due.
  LatencyHistogram latency;

  // The time in which requests were sent, and the requests answered with OK in that time. Their
  // quotient is the achieved rate. If a number of requests ended the run, both extend to the last
  // answer.
  std::chrono::nanoseconds window{0};
  std::int64_t answered_in_window = 0;

  // Only in an open loop: how long after it was due each request was sent, how often one waited
  // because kMaxInFlight were in flight, and how many were due but unsent when sending ended.
  LatencyHistogram lag;
  std::int64_t held_back = 0;
  std::int64_t unsent = 0;

  // User and system time of the whole process.
  std::chrono::nanoseconds own_cpu_time{0};

  std::int64_t ErrorCount() const;

  // Answers with OK per second; 0 if no time passed.
  double Rate() const;

  // own_cpu_time per request sent; 0 if none was.
  double OwnCpuMicroseconds() const;

  // Adds another thread's part of the same run. Ignores its own_cpu_time.
  void Merge(const LoadResult& part);
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LOAD_H_
