// One thread's part of a run: sends requests in a closed or open loop and takes their answers.

#ifndef MLP_CLIENT_BENCH_LOAD_LOOP_H_
#define MLP_CLIENT_BENCH_LOAD_LOOP_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/bench/answer_check.h"
#include "client/bench/answer_tally.h"
#include "client/bench/load.h"

namespace mlp {

// The work of one thread. Everything pointed to must outlive the loop.
struct LoadShare {
  LoadTarget target;  // its part of the requests in flight, or of the rate
  LoadEnd end;        // its part of the number of requests
  LoadClock::time_point start;
  std::uint64_t seed = 0;                 // of the arrivals; differs between threads
  int most_in_flight = 0;                 // its part of kMaxInFlight
  std::size_t first_message = 0;          // where it starts; messages are sent in turn
  bool stream = false;                    // otherwise one call per request
  std::chrono::milliseconds deadline{0};  // per call; 0: none
  std::string token;                      // sent with each call; empty: none

  std::vector<std::shared_ptr<grpc::Channel>> channels;  // at least one
  absl::Span<const grpc::ByteBuffer> messages;           // at least one
  const AnswerCheck* check = nullptr;                    // may be null
};

// Runs `share` to its end and returns its result, except own_cpu_time, which only the whole run
// knows.
//
// An open loop counts each latency from when the request was due, not from when it was sent, so
// delays in the generator or by a full kMaxInFlight are included. Otherwise slow moments of the
// server would be moments without requests ("coordinated omission"; Gil Tene, "How NOT to Measure
// Latency", and wrk2, https://github.com/giltene/wrk2). No due request is skipped: a loop that is
// behind sends several in a row.
LoadResult RunLoadLoop(const LoadShare& share, const LoadStop& stop, LoadProgress& progress);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LOAD_LOOP_H_
