// A call of a unary method, answered on the thread that serves its completion queue, at once where
// that is cheap or else when another thread has done what it takes; and then used again for the
// next one. Its request comes as bytes, which can be refused before they are decoded.

#ifndef MLP_SERVER_RPC_UNARY_CALL_H_
#define MLP_SERVER_RPC_UNARY_CALL_H_

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

// Belongs to the loop's thread once it was made, but for Done.
template <typename Request, typename Response>
class UnaryCall final : public CompletionTag {
 public:
  using Writer = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
  // Asks gRPC for the next call of the method, to be handed to `tag`.
  using Accept = std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, Writer*, void* tag)>;
  // Whether a request of so many bytes is decoded, or the error that it is refused with.
  using CheckBytes = std::function<absl::Status(std::size_t bytes)>;
  using Answer = std::function<absl::Status(const Request&, Response&)>;
  // To be called once, from any thread, while the loop runs: the call is answered then.
  using Done = std::function<void(const absl::Status&)>;
  // Sees to it that Done is called, unless it throws bad_alloc, with which the call is refused. The
  // request lasts until it has returned, and may be moved from.
  using AnswerLater = std::function<void(Request&, Done)>;

  UnaryCall(const CompletionLoop& loop, Accept accept, CheckBytes check,
            std::variant<Answer, AnswerLater> answer)
      : loop_(loop),
        accept_(std::move(accept)),
        check_(std::move(check)),
        answer_(std::move(answer)) {
    AcceptNext();
  }

  void Complete(bool ok) override {
    switch (state_) {
      case State::kAccepting:
        if (ok) Take();  // otherwise the server was shut down, so that no call came
        return;
      case State::kWaiting:
        // gRPC orders the two threads too, where ThreadSanitizer does not see it.
        if (!is_done_.exchange(false, std::memory_order_acquire)) return;
        if (status_.ok()) status_ = Finish(Response());
        if (!status_.ok()) FinishWithError(status_);
        return;
      case State::kAnswered:
        if (!loop_.stopping()) AcceptNext();
        return;
    }
  }

 private:
  enum class State { kAccepting, kWaiting, kAnswered };

  // Answers the call that has come, or has it answered.
  void Take() {
    const absl::Status status = RefuseWithoutMemory([this] { return TryTake(); });
    if (!status.ok()) FinishWithError(status);
  }

  // An error is one that the call is still to be answered with.
  absl::Status TryTake() {
    absl::Status status = check_(message_.Length());
    Request request;
    if (status.ok()) status = DecodeMessage(message_, request);
    message_.Clear();
    if (!status.ok()) return status;
    if (const Answer* at_once = std::get_if<Answer>(&answer_)) {
      Response response;
      status = (*at_once)(request, response);
      if (status.ok()) status = Finish(response);
      return status;
    }
    state_ = State::kWaiting;
    std::get<AnswerLater>(answer_)(request, [this](const absl::Status& done) {
      status_ = done;
      is_done_.store(true, std::memory_order_release);
      done_.Set(loop_.queue(), gpr_now(GPR_CLOCK_MONOTONIC), this);
    });
    return absl::OkStatus();
  }

  // An error is one that the call is still to be answered with.
  absl::Status Finish(const Response& response) {
    grpc::ByteBuffer bytes;
    absl::Status encoded = EncodeControlAnswer(response, bytes);
    if (!encoded.ok()) return encoded;
    state_ = State::kAnswered;
    writer_->Finish(bytes, grpc::Status::OK, this);
    return encoded;
  }

  void FinishWithError(const absl::Status& status) {
    state_ = State::kAnswered;
    writer_->FinishWithError(ToGrpcStatus(status), this);
  }

  void AcceptNext() {
    state_ = State::kAccepting;
    writer_.reset();
    context_.emplace();
    writer_.emplace(&*context_);
    accept_(&*context_, &message_, &*writer_, this);
  }

  const CompletionLoop& loop_;
  const Accept accept_;
  const CheckBytes check_;
  const std::variant<Answer, AnswerLater> answer_;
  State state_ = State::kAccepting;
  // Of what was answered later: the alarm brings it to the loop's thread.
  absl::Status status_;
  std::atomic<bool> is_done_ = false;
  grpc::Alarm done_;
  grpc::ByteBuffer message_;
  std::optional<grpc::ServerContext> context_;
  std::optional<Writer> writer_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNARY_CALL_H_
