// Sends requests over ModelStreamInfer, one stream for each connection, and takes their answers,
// which come in the order of the requests.

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

// A request that fails by itself comes with its error_message and counts as UNKNOWN: the protocol
// gives it no code. A stream that breaks takes its requests with it, by its own code, and is opened
// anew by the next one. Every tag in the queue that this has put there must come back to Take
// before this ends. Not thread-safe.
class StreamExchange final {
 public:
  // As UnaryExchange. (There are no deadlines: gRPC's is for the whole stream.)
  StreamExchange(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                 absl::Span<const grpc::ByteBuffer> questions, const std::string& token,
                 grpc::CompletionQueue& queue, AnswerTally& tally);
  ~StreamExchange();

  void Send(const SentRequest& request);
  void Take(void* tag, bool ok, LoadClock::time_point now);
  void Cancel();

  // Ends the streams in good order, once everything is answered; closed() some tags later.
  void Close();
  bool closed() const;

 private:
  class Stream;

  std::vector<std::unique_ptr<Stream>> streams_;
  std::size_t next_stream_ = 0;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_STREAM_EXCHANGE_H_
