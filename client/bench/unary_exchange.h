// Sends requests as unary ModelInfer calls and takes their answers from a completion queue.

#ifndef MLP_CLIENT_BENCH_UNARY_EXCHANGE_H_
#define MLP_CLIENT_BENCH_UNARY_EXCHANGE_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "client/bench/answer_tally.h"

namespace mlp {

// Calls use gRPC's arenas; the memory around them is reused. Every tag that this object puts in the
// queue must be passed to Take before this object is destroyed. Not thread-safe.
class UnaryExchange final {
 public:
  // Sends over `channels` in turn. `messages` are serialised messages, which are sent without
  // copying. `messages`, `token`, `queue` and `tally` must outlive this object. A `deadline` of 0
  // or an empty `token` is not sent.
  UnaryExchange(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                absl::Span<const grpc::ByteBuffer> messages, std::chrono::milliseconds deadline,
                const std::string& token, grpc::CompletionQueue& queue, AnswerTally& tally);

  void Send(const SentRequest& request);

  // Takes a tag from the queue; `tag` must be one of this object's.
  void Take(void* tag, bool ok, LoadClock::time_point now);

  // Cancels the calls in flight: their answers soon arrive as errors.
  void Cancel();

  // Nothing stays open after the last answer.
  void Close() {}
  bool closed() const { return true; }

 private:
  struct Call {
    SentRequest request;
    std::optional<grpc::ClientContext> context;  // each serves only one call
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    grpc::ByteBuffer response;
    grpc::Status status;
  };

  const std::string method_;
  absl::Span<const grpc::ByteBuffer> messages_;
  std::chrono::milliseconds deadline_;
  const std::string& token_;
  grpc::CompletionQueue& queue_;
  AnswerTally& tally_;
  std::vector<grpc::GenericStub> stubs_;
  std::size_t next_stub_ = 0;
  std::deque<Call> calls_;  // as many as were ever in flight at the same time; they never move
  std::vector<Call*> idle_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_UNARY_EXCHANGE_H_
