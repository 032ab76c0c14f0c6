// The place for the answer to a request, in the call that brought the request.

#ifndef MLP_SERVER_RPC_ANSWER_SLOT_H_
#define MLP_SERVER_RPC_ANSWER_SLOT_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "server/batching/answer_budget.h"
#include "server/observe/trace_id.h"
#include "server/rpc/call_coroutine.h"

namespace mlp {

// Takes the answer to one request after another. Must outlive each request whose answer it takes.
class AnswerSlot final {
 public:
  // As a plain ModelInferResponse, or within a ModelStreamInferResponse, which also has a place for
  // an error.
  enum class Form { kUnary, kStreamed };

  // The most that protobuf can encode.
  static constexpr std::size_t kMaxBytes = std::numeric_limits<std::int32_t>::max();

  // Notifies `wakeup` once the answer is there. `call_over` is done when the call has ended; if
  // there is no answer then, the client has gone. An answer of more than `most_bytes` counts as one
  // that cannot be encoded.
  AnswerSlot(Form form, const CompletionTag& call_over, Wakeup& wakeup,
             std::size_t most_bytes = kMaxBytes)
      : form_(form), most_bytes_(most_bytes), call_over_(call_over), wakeup_(wakeup) {}
  AnswerSlot(const AnswerSlot&) = delete;
  AnswerSlot& operator=(const AnswerSlot&) = delete;

  Form form() const { return form_; }
  std::size_t most_bytes() const { return most_bytes_; }
  bool client_has_gone() const { return call_over_.done(); }

  // Sets how the call finds a request's trace. Reading headers takes a little time, so trace() is
  // only for code that needs it, while the request is not answered. `trace_of` must not throw.
  void SetTraceOf(std::function<TraceId()> trace_of) { trace_of_ = std::move(trace_of); }
  TraceId trace() const { return trace_of_ ? trace_of_() : TraceId(); }

  // Prepares for the next request.
  void Clear() {
    answered_ = false;
    status_ = absl::OkStatus();
    bytes.Clear();
    held.Release();
  }

  // Sets the answer. When this returns, everything that the call owns may be gone, including this
  // slot.
  void Answer(absl::Status status) {
    status_ = std::move(status);
    answered_ = true;
    wakeup_.Notify();
  }

  bool answered() const { return answered_; }
  // The status of the answer. If it is an error, a unary call has no bytes.
  const absl::Status& status() const { return status_; }

  // The encoded answer, and what AnswerBudget counts of it until gRPC is done with it.
  grpc::ByteBuffer bytes;
  HeldAnswer held;

 private:
  const Form form_;
  const std::size_t most_bytes_;
  const CompletionTag& call_over_;
  Wakeup& wakeup_;
  std::function<TraceId()> trace_of_;
  bool answered_ = false;
  absl::Status status_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_SLOT_H_
