// Sends requests over ModelStreamInfer, one stream per connection. Answers come in the order of the
// requests.

#ifndef MLP_CLIENT_BENCH_STREAM_EXCHANGE_H_
#define MLP_CLIENT_BENCH_STREAM_EXCHANGE_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/bench/answer_tally.h"

namespace mlp {

// A request that fails on its own gets an error_message and counts as UNKNOWN, because the protocol
// gives it no code. If a stream breaks, its requests fail with its code, and the next request
// reopens it. Every tag that this object puts in the queue must be passed to Take before this
// object is destroyed. Not thread-safe.
class StreamExchange final {
 public:
  // Like UnaryExchange, but without deadlines: gRPC's would apply to the whole stream.
  StreamExchange(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                 absl::Span<const grpc::ByteBuffer> messages, const std::string& token,
                 grpc::CompletionQueue& queue, AnswerTally& tally);
  ~StreamExchange();

  void Send(const SentRequest& request);
  void Take(void* tag, bool ok, LoadClock::time_point now);
  void Cancel();

  // Ends the streams in good order once everything is answered. closed() becomes true some tags
  // later.
  void Close();
  bool closed() const;

 private:
  class Stream;

  std::vector<std::unique_ptr<Stream>> streams_;
  std::size_t next_stream_ = 0;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_STREAM_EXCHANGE_H_
