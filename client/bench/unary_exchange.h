// Sends requests as unary calls, ModelInfer, and takes their answers from a completion queue.

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

// The calls' own memory is gRPC's arenas; what is around them is used again. Every tag in the queue
// that this has put there must come back to Take before this ends. Not thread-safe.
class UnaryExchange final {
 public:
  // Sends over `channels` in turn. `questions` are messages as they go over the wire, which are
  // sent without being copied; they, `token`, `queue` and `tally` outlive this. No deadline where
  // it is 0, no token where it is empty.
  UnaryExchange(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                absl::Span<const grpc::ByteBuffer> questions, std::chrono::milliseconds deadline,
                const std::string& token, grpc::CompletionQueue& queue, AnswerTally& tally);

  void Send(const SentRequest& request);

  // Takes what the queue gave; `tag` is this one's own.
  void Take(void* tag, bool ok, LoadClock::time_point now);

  // Cancels what is under way: its answers come as errors soon.
  void Cancel();

  // Nothing stays open behind the last answer.
  void Close() {}
  bool closed() const { return true; }

 private:
  struct Call {
    SentRequest request;
    std::optional<grpc::ClientContext> context;  // each serves one call only
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    grpc::ByteBuffer response;
    grpc::Status status;
  };

  const std::string method_;
  absl::Span<const grpc::ByteBuffer> questions_;
  std::chrono::milliseconds deadline_;
  const std::string& token_;
  grpc::CompletionQueue& queue_;
  AnswerTally& tally_;
  std::vector<grpc::GenericStub> stubs_;
  std::size_t next_stub_ = 0;
  std::deque<Call> calls_;  // as many as were ever under way at once; they never move
  std::vector<Call*> idle_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_UNARY_EXCHANGE_H_
