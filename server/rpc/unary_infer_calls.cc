#include "server/rpc/unary_infer_calls.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <optional>
#include <utility>

#include "server/rpc/admit_call.h"
#include "server/rpc/answer_slot.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/trace_header.h"

namespace mlp {
namespace {

// Calls posted ahead: as many requests can come at the same time without gRPC having to queue them.
constexpr int kPostedCalls = 128;

// During a drain, more calls are posted only if fewer than these are left. A call that has ended is
// posted again anyway, and posting one before a request is answered delays the answer.
constexpr int kMinPostedCalls = 64;

// Calls that have ended and are not posted again, kept for when many come at the same time.
constexpr std::size_t kMaxRestingCalls = 128;

}  // namespace

// The gRPC objects of one call.
class UnaryInferCalls::Call final : public LinkedList<Call>::Entry {
 public:
  explicit Call(UnaryInferCalls& calls) : calls_(calls) {
    slot.SetTraceOf([this] { return TraceOf(*context_); });
    calls_.calls_.Add(*this);
  }

  // Asks gRPC for the next call.
  CompletionTag& Post() {
    Release();
    context_.emplace();
    writer_.emplace(&*context_);
    context_->AsyncNotifyWhenDone(over.Begin());
    grpc::ServerCompletionQueue* const queue = calls_.loop_.queue();
    calls_.service_.RequestModelInfer(&*context_, &message_, &*writer_, queue, queue,
                                      accepted_.Begin());
    return accepted_;
  }

  // Whether the caller may ask. If not, the slot has the error to answer with.
  bool Admit() {
    if (calls_.gate_ == nullptr) return true;
    absl::StatusOr<CallPass> pass = AdmitCall(*calls_.gate_, *context_, Role::kInfer, "ModelInfer");
    if (pass.ok()) {
      pass_ = *std::move(pass);
      return true;
    }
    calls_.scheduler_.CountDenied(pass.status().code());
    slot.Answer(pass.status());
    return false;
  }

  void Submit() {
    const auto now = BatchScheduler::Clock::now();
    calls_.scheduler_.Submit(
        message_,
        {calls_.loop_.came_since(), now, SteadyTime(context_->raw_deadline(), now),
         [this] { return context_->peer(); }, pass_ ? &*pass_ : nullptr},
        slot);
  }

  // Sends the answer in the slot.
  CompletionTag& Finish() {
    sent_ = BatchScheduler::Clock::now();
    message_.Clear();
    if (slot.status().ok()) {
      writer_->Finish(slot.bytes, grpc::Status::OK, finished_.Begin());
    } else {
      writer_->FinishWithError(ToGrpcStatus(slot.status()), finished_.Begin());
    }
    // gRPC shares the bytes, and keeps them only as long as it needs them.
    slot.bytes.Clear();
    return finished_;
  }

  void CancelIfSentBefore(BatchScheduler::Clock::time_point time) {
    if (finished_.pending() && sent_ < time) context_->TryCancel();
  }

  // Releases what an ended call holds of gRPC. It would keep the descriptor and the memory of its
  // connection.
  void Release() {
    message_.Clear();
    pass_.reset();
    writer_.reset();
    context_.reset();
  }

  Wakeup wakeup;
  CompletionTag over{wakeup};  // by its answer, or because the client has gone
  AnswerSlot slot{AnswerSlot::Form::kUnary, over, wakeup};
  bool rests = false;

 private:
  UnaryInferCalls& calls_;
  CompletionTag accepted_{wakeup};
  CompletionTag finished_{wakeup};
  grpc::ByteBuffer message_;
  std::optional<grpc::ServerContext> context_;
  std::optional<CallPass> pass_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  BatchScheduler::Clock::time_point sent_;  // when the sending of the answer began
};

UnaryInferCalls::UnaryInferCalls(const CompletionLoop& loop, InferService& service,
                                 BatchScheduler& scheduler, CallGate* gate)
    : loop_(loop), service_(service), scheduler_(scheduler), gate_(gate) {
  resting_.reserve(kMaxRestingCalls);
}

CallCoroutine UnaryInferCalls::Serve() {
  Call call(*this);
  for (;;) {
    ++posted_;
    if (!co_await call.Post()) co_return;  // the server was shut down before a call came
    --posted_;
    // However many requests wait, others must be able to come, if only to be refused.
    PostUntil(kMinPostedCalls);
    if (call.Admit()) call.Submit();
    co_await call.wakeup.Until([&call] { return call.slot.answered(); });
    co_await call.Finish();
    call.slot.Clear();
    co_await call.over;
    if (loop_.stopping()) co_return;
    if (posted_ < kPostedCalls) continue;
    if (resting_.size() >= kMaxRestingCalls) co_return;
    call.Release();
    call.rests = true;
    resting_.push_back(&call);
    co_await call.wakeup.Until([&call] { return !call.rests; });
  }
}

void UnaryInferCalls::Post() { PostUntil(kPostedCalls); }

void UnaryInferCalls::PostUntil(int least) {
  while (posted_ < least && !loop_.stopping()) {
    if (resting_.empty()) {
      // If there is no memory for more calls, the existing ones go on.
      if (!frames_.Start(Serve())) return;
      continue;
    }
    Call& call = *resting_.back();
    resting_.pop_back();
    call.rests = false;
    call.wakeup.Notify();
  }
}

void UnaryInferCalls::CancelIfSentBefore(BatchScheduler::Clock::time_point time) {
  calls_.ForEach([time](Call& call) { call.CancelIfSentBefore(time); });
}

}  // namespace mlp
