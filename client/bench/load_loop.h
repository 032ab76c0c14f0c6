// One thread's part of a run: sends requests, closed or open loop, and takes their answers.

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

// What one thread does. Whatever is pointed to outlives the loop.
struct LoadShare {
  LoadTarget target;  // its part: of the requests in flight, or of the rate
  LoadEnd end;        // and of the number of requests
  LoadClock::time_point start;
  std::uint64_t seed = 0;                 // of the arrivals; another one for each thread
  int most_in_flight = 0;                 // its part of kMostInFlight
  std::size_t first_question = 0;         // they are asked in turn from there
  bool stream = false;                    // else a call for each request
  std::chrono::milliseconds deadline{0};  // of a call; 0: none
  std::string token;                      // that each call shows; empty: none

  std::vector<std::shared_ptr<grpc::Channel>> channels;  // at least one
  absl::Span<const grpc::ByteBuffer> questions;          // at least one
  const AnswerCheck* check = nullptr;                    // may be null
};

// Runs `share` to its end and returns what came of it, without what only the whole run knows:
// own_cpu_time.
//
// An open loop counts each latency from when the request was due, not from when it was sent: what
// the generator or a full kMostInFlight keeps waiting is in it. Otherwise the server's slow moments
// would be those in which nobody asks ("coordinated omission"; Gil Tene, "How NOT to Measure
// Latency", and wrk2, https://github.com/giltene/wrk2). Nothing that is due is left out: a loop
// that is behind sends several at once.
LoadResult RunLoadLoop(const LoadShare& share, const LoadStop& stop, LoadProgress& progress);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LOAD_LOOP_H_
