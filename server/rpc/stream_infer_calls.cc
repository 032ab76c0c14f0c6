#include "server/rpc/stream_infer_calls.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <array>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "server/batching/rejection_reason.h"
#include "server/memory_room.h"
#include "server/rpc/admit_call.h"
#include "server/rpc/answer_slot.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/trace_header.h"

namespace mlp {

// The gRPC objects of one stream, and its answers.
class StreamInferCalls::Call final : public LinkedList<Call>::Entry {
 public:
  using Clock = BatchScheduler::Clock;

  explicit Call(StreamInferCalls& calls) : calls_(calls) { calls_.calls_.Add(*this); }

  // Asks gRPC for the next stream.
  CompletionTag& Post() {
    context_.AsyncNotifyWhenDone(over.Begin());
    grpc::ServerCompletionQueue* const queue = calls_.loop_.queue();
    calls_.service_.RequestModelStreamInfer(&context_, &stream_, queue, queue, opened_.Begin());
    return opened_;
  }

  std::string connection() const { return context_.peer(); }

  // Whether the caller may ask. Checked first, and again before each request, because its
  // credential may have expired or been revoked. This ends the stream. The scheduler checks the
  // model, which ends the one request alone.
  absl::Status Admit() {
    if (calls_.gate_ == nullptr) return absl::OkStatus();
    if (pass_ && pass_->IsCurrent()) return pass_->CheckModel("");
    absl::StatusOr<CallPass> pass =
        AdmitCall(*calls_.gate_, context_, Role::kInfer, "ModelStreamInfer");
    if (!pass.ok()) return pass.status();
    pass_ = *std::move(pass);
    return absl::OkStatus();
  }

  CompletionTag& Read() {
    stream_.Read(&message_, read_.Begin());
    return read_;
  }

  bool HasRoom() const { return in_flight_ < kMaxInFlight; }

  // Submits the request that was read. False if there is no memory for its answer.
  bool Submit() {
    std::unique_ptr<AnswerSlot>& slot = slots_[(first_ + in_flight_) % kMaxInFlight];
    if (slot == nullptr) slot = NewSlot();
    if (slot == nullptr) return false;
    ++in_flight_;
    const Clock::time_point now = Clock::now();
    calls_.scheduler_.Submit(
        message_,
        {calls_.loop_.came_since(), now, SteadyTime(context_.raw_deadline(), now),
         [this] { return context_.peer(); }, pass_ ? &*pass_ : nullptr},
        *slot);
    message_.Clear();
    return true;
  }

  bool HasRequests() const { return in_flight_ > 0; }
  bool HasAnswer() const { return HasRequests() && slots_[first_]->answered(); }
  // Whether the first answer could be encoded, even if it is an error.
  bool FirstIsEncoded() const { return slots_[first_]->status().ok(); }

  // Sends the first answer.
  CompletionTag& Write() {
    sent_ = Clock::now();
    // Without the hint that more follows immediately: with it, in a test, the first of two answers
    // that were ready together was never sent (gRPC 1.51).
    stream_.Write(slots_[first_]->bytes, written_.Begin());
    return written_;
  }

  // For when the first answer has been sent, or never will be.
  void DropFirst() {
    std::unique_ptr<AnswerSlot> slot = std::move(slots_[first_]);
    first_ = (first_ + 1) % kMaxInFlight;
    --in_flight_;
    // The next request takes the slot.
    std::unique_ptr<AnswerSlot>& next = slots_[(first_ + in_flight_) % kMaxInFlight];
    slot->Clear();
    if (next == nullptr) next = std::move(slot);
  }

  CompletionTag& Finish() {
    sent_ = Clock::now();
    grpc::Status status = broken ? grpc::Status::CANCELLED : grpc::Status::OK;
    if (refusal && !broken) status = ToGrpcStatus(denial.ok() ? StatusOf(*refusal) : denial);
    stream_.Finish(status, finished_.Begin());
    return finished_;
  }

  // Ends all sending.
  void Break() {
    broken = true;
    context_.TryCancel();
  }

  void CancelIfSentBefore(Clock::time_point time) {
    if ((written_.pending() || finished_.pending()) && sent_ < time) context_.TryCancel();
  }

  // For the coroutine that answers, and for the one that reads.
  Wakeup wakeup;
  Wakeup reader_wakeup;
  CompletionTag over{wakeup};
  bool read_to_its_end = false;            // no request follows
  std::optional<RejectionReason> refusal;  // why no more are taken
  absl::Status denial;                     // if the caller may not ask, or no longer may
  bool broken = false;                     // nothing can be sent any more

 private:
  // Null if there is no memory.
  std::unique_ptr<AnswerSlot> NewSlot() {
    const RefusableWork work;
    try {
      auto slot = std::make_unique<AnswerSlot>(AnswerSlot::Form::kStreamed, over, wakeup);
      // That of the stream: its requests have no separate headers.
      slot->SetTraceOf([this] { return TraceOf(context_); });
      return slot;
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }

  StreamInferCalls& calls_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{&context_};
  std::optional<CallPass> pass_;
  CompletionTag opened_{wakeup};
  CompletionTag read_{reader_wakeup};
  CompletionTag written_{wakeup};
  CompletionTag finished_{wakeup};
  grpc::ByteBuffer message_;
  // The slots of the requests under way, in order from `first_` on, as a ring; and one kept for the
  // next request. So an idle stream holds little.
  std::array<std::unique_ptr<AnswerSlot>, kMaxInFlight> slots_;
  std::size_t first_ = 0;
  std::size_t in_flight_ = 0;
  Clock::time_point sent_;  // when the sending under way began
};

CallCoroutine StreamInferCalls::Serve() {
  for (bool is_last = false; !is_last;) {
    Call call(*this);
    posted_ = true;
    if (!co_await call.Post()) co_return;  // the server was shut down before a stream came
    posted_ = false;
    is_last = loop_.stopping() || frames_.Start(Serve());
    const std::optional<OpenStream> open = open_.Enter(call.connection());
    if (ended_) {
      call.refusal = RejectionReason::kStopping;
    } else if (!open) {
      Refuse(call, RejectionReason::kOpenStreams);
    } else if (!is_last) {
      // There is no new frame, so this frame must take the next stream.
      Refuse(call, RejectionReason::kMemory);
    } else {
      IsDenied(call);
    }
    if (call.refusal) {
      call.read_to_its_end = true;
    } else if (!frames_.Start(ReadRequests(call))) {
      Refuse(call, RejectionReason::kMemory);
      call.read_to_its_end = true;
    }
    for (;;) {
      co_await call.wakeup.Until([&call] {
        call.broken |= call.over.done();
        return call.HasAnswer() ||
               (!call.HasRequests() && (call.broken || call.refusal || call.read_to_its_end));
      });
      if (!call.HasAnswer()) break;
      if (!call.FirstIsEncoded()) call.Break();
      if (!call.broken && !co_await call.Write()) call.broken = true;
      call.DropFirst();
      call.reader_wakeup.Notify();
    }
    co_await call.Finish();
    // The read under way ends with the call.
    co_await call.wakeup.Until([&call] { return call.over.done() && call.read_to_its_end; });
  }
}

CallCoroutine StreamInferCalls::ReadRequests(Call& call) {
  while (co_await call.Read()) {
    if (call.refusal || call.broken || IsDenied(call)) break;
    if (!call.Submit()) {
      Refuse(call, RejectionReason::kMemory);
      break;
    }
    co_await call.reader_wakeup.Until([&call] { return call.HasRoom(); });
    // Within Submit, the answer may already have ended the stream.
    if (call.refusal || call.broken) break;
  }
  call.read_to_its_end = true;
  call.wakeup.Notify();
}

void StreamInferCalls::Refuse(Call& call, RejectionReason reason) {
  // Counted like a request that names no model.
  metrics_.CountRefusalWithoutModel(reason, StatusOf(reason).code());
  call.refusal = reason;
}

bool StreamInferCalls::IsDenied(Call& call) {
  if (absl::Status status = call.Admit(); !status.ok()) {
    scheduler_.CountDenied(status.code());
    call.denial = std::move(status);
    call.refusal = RejectionReason::kDenied;
  }
  return !call.denial.ok();
}

void StreamInferCalls::End() {
  if (ended_) return;
  ended_ = true;
  calls_.ForEach([](Call& call) {
    call.refusal = RejectionReason::kStopping;
    call.wakeup.Notify();
  });
}

void StreamInferCalls::CancelIfSentBefore(BatchScheduler::Clock::time_point time) {
  calls_.ForEach([time](Call& call) { call.CancelIfSentBefore(time); });
}

}  // namespace mlp
