#include "server/rpc/stream_infer_calls.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "server/batching/rejection_reason.h"
#include "server/rpc/answer_slot.h"
#include "server/rpc/grpc_status.h"

namespace mlp {

// What one stream has of gRPC, and its answers.
class StreamInferCalls::Call final {
 public:
  using Clock = BatchScheduler::Clock;

  explicit Call(StreamInferCalls& calls) : calls_(calls) { calls_.calls_.insert(this); }
  ~Call() { calls_.calls_.erase(this); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Asks gRPC for a client's stream.
  CompletionTag& Post() {
    context_.AsyncNotifyWhenDone(over.Begin());
    grpc::ServerCompletionQueue* const queue = calls_.loop_.queue();
    calls_.service_.RequestModelStreamInfer(&context_, &stream_, queue, queue, opened_.Begin());
    return opened_;
  }

  CompletionTag& Read() {
    stream_.Read(&message_, read_.Begin());
    return read_;
  }

  bool HasRoom() const { return slots_.size() < kMostUnderWay; }

  // Has the request that was read answered in its turn.
  void Submit() {
    slots_.push_back(NewSlot());
    const Clock::time_point arrival = Clock::now();
    calls_.scheduler_.Submit(
        message_,
        {arrival, SteadyTime(context_.raw_deadline(), arrival), [this] { return context_.peer(); }},
        *slots_.back());
    message_.Clear();
  }

  bool HasAnswer() const { return !slots_.empty() && slots_.front()->answered(); }
  bool HasRequests() const { return !slots_.empty(); }
  // Whether there was memory for the first answer, an error though it be.
  bool FirstIsEncoded() const { return slots_.front()->status().ok(); }

  // Sends the first answer.
  CompletionTag& Write() {
    sent_ = Clock::now();
    // Without the hint that more follows at once: with it, the first of two answers that were ready
    // together never went out in a test (gRPC 1.51).
    stream_.Write(slots_.front()->bytes, written_.Begin());
    return written_;
  }

  // The first answer has gone, or never will.
  void DropFirst() {
    if (spare_.size() < kMostSpare) {
      slots_.front()->Clear();
      spare_.push_back(std::move(slots_.front()));
    }
    slots_.pop_front();
  }

  CompletionTag& Finish() {
    if (ending && !broken) return Finish(RejectionReason::kStopping);
    stream_.Finish(broken ? grpc::Status::CANCELLED : grpc::Status::OK, finished_.Begin());
    return finished_;
  }
  CompletionTag& Finish(RejectionReason reason) {
    stream_.Finish(ToGrpcStatus(StatusOf(reason)), finished_.Begin());
    return finished_;
  }

  // Nothing is sent any more.
  void Break() {
    broken = true;
    context_.TryCancel();
  }

  void CancelIfSentBefore(Clock::time_point time) {
    if (written_.pending() && sent_ < time) context_.TryCancel();
  }

  // Of the coroutine that answers, and of the one that reads.
  Wakeup wakeup;
  Wakeup reader_wakeup;
  CompletionTag over{wakeup};
  bool read_to_its_end = false;  // no request follows
  bool ending = false;           // we take no more
  bool broken = false;           // nothing can be sent any more

 private:
  // Slots that a stream keeps to use them again. One that idles holds little.
  static constexpr std::size_t kMostSpare = 2;

  std::unique_ptr<AnswerSlot> NewSlot() {
    if (spare_.empty()) {
      return std::make_unique<AnswerSlot>(AnswerSlot::Form::kStreamed, over, wakeup);
    }
    std::unique_ptr<AnswerSlot> slot = std::move(spare_.back());
    spare_.pop_back();
    return slot;
  }

  StreamInferCalls& calls_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream_{&context_};
  CompletionTag opened_{wakeup};
  CompletionTag read_{reader_wakeup};
  CompletionTag written_{wakeup};
  CompletionTag finished_{wakeup};
  grpc::ByteBuffer message_;
  std::deque<std::unique_ptr<AnswerSlot>> slots_;  // in the order of their requests
  std::vector<std::unique_ptr<AnswerSlot>> spare_;
  Clock::time_point sent_;  // when the write that is under way began
};

CallCoroutine StreamInferCalls::Serve() {
  Call call(*this);
  if (!co_await call.Post()) co_return;  // the server was shut down before a stream came
  if (!loop_.stopping()) Post();
  const bool is_within_limit = open_.Enter();
  const absl::Cleanup leave = [this] { open_.Leave(); };
  if (!is_within_limit) {
    metrics_.rejections().Count(RejectionReason::kOpenStreams);
    co_await call.Finish(RejectionReason::kOpenStreams);
    co_await call.over;
    co_return;
  }
  call.ending = ended_;
  if (!frames_.Start(ReadRequests(call))) call.ending = call.read_to_its_end = true;
  for (;;) {
    co_await call.wakeup.Until([&call] {
      call.broken |= call.over.done();
      return call.HasAnswer() ||
             (!call.HasRequests() && (call.broken || call.ending || call.read_to_its_end));
    });
    if (!call.HasAnswer()) break;
    if (!call.FirstIsEncoded()) call.Break();
    if (!call.broken && !co_await call.Write()) call.broken = true;
    call.DropFirst();
    call.reader_wakeup.Notify();
  }
  co_await call.Finish();
  // The read that is under way ends with the call.
  co_await call.wakeup.Until([&call] { return call.over.done() && call.read_to_its_end; });
}

CallCoroutine StreamInferCalls::ReadRequests(Call& call) {
  while (co_await call.Read()) {
    if (call.ending || call.broken) break;
    call.Submit();
    co_await call.reader_wakeup.Until([&call] { return call.HasRoom(); });
  }
  call.read_to_its_end = true;
  call.wakeup.Notify();
}

void StreamInferCalls::Post() { frames_.Start(Serve()); }

void StreamInferCalls::End() {
  if (ended_) return;
  ended_ = true;
  for (Call* const call : calls_) {
    call->ending = true;
    call->wakeup.Notify();
  }
}

void StreamInferCalls::CancelIfSentBefore(BatchScheduler::Clock::time_point time) {
  for (Call* const call : calls_) call->CancelIfSentBefore(time);
}

}  // namespace mlp
