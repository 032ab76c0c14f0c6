#include "server/rpc/local_infer_calls.h"

#include <grpc/support/time.h>

#include <new>
#include <utility>

#include "server/rpc/answer_slot.h"

namespace mlp {

// The state of one request under way.
class LocalInferCalls::Call final {
 public:
  // If this throws bad_alloc, the call is not listed.
  Call(LocalInferCalls& calls, std::uint64_t number) : calls_(calls), number_(number) {
    calls_.calls_.emplace(number, this);
  }
  ~Call() { calls_.calls_.erase(number_); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Wakeup wakeup;
  CompletionTag over{wakeup};  // done when the client has gone
  AnswerSlot slot{AnswerSlot::Form::kUnary, over, wakeup};

 private:
  LocalInferCalls& calls_;
  const std::uint64_t number_;
};

LocalInferCalls::LocalInferCalls(CompletionLoop& loop, BatchScheduler& scheduler)
    : loop_(loop), scheduler_(scheduler) {}

LocalInferCalls::~LocalInferCalls() = default;

void LocalInferCalls::Post() { frames_.StartFirst(TakeEntries()); }

void LocalInferCalls::Wake() {
  if (std::exchange(woken_, true)) return;
  // gRPC rounds times up to milliseconds: only a time in the past comes without delay.
  alarm_.Set(loop_.queue(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &came_);
}

std::uint64_t LocalInferCalls::Submit(LocalRequest request) {
  RejectionReason refusal = RejectionReason::kStopping;
  try {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      // First, because this may throw: `request` must still be here then.
      Entry& entry = entries_.emplace_back();
      entry.call = ++last_call_;
      entry.request = std::move(request);
      ++unanswered_;
      Wake();
      return last_call_;
    }
  } catch (const std::bad_alloc&) {
    refusal = RejectionReason::kMemory;
  }
  request.done(LocalAnswer::Uncounted(refusal));
  return kRefusedCall;
}

void LocalInferCalls::Cancel(std::uint64_t call) {
  if (call == kRefusedCall) return;
  const std::lock_guard lock(mutex_);
  if (closed_ && unanswered_ == 0) return;
  try {
    entries_.push_back({call, Entry::Kind::kCancel, {}});
  } catch (const std::bad_alloc&) {
    return;  // the request is answered all the same
  }
  Wake();
}

void LocalInferCalls::Close(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  const auto all_answered = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return unanswered_ == 0; };
  if (answered_.wait_until(lock, deadline, all_answered)) return;
  entries_.push_back({kRefusedCall, Entry::Kind::kCancelAll, {}});
  Wake();
  answered_.wait(lock, all_answered);
}

CallCoroutine LocalInferCalls::TakeEntries() {
  came_.Begin();
  for (;;) {
    co_await came_;
    came_.Begin();
    std::vector<Entry> entries;
    {
      const std::lock_guard lock(mutex_);
      woken_ = false;
      entries.swap(entries_);
    }
    for (Entry& entry : entries) Take(std::move(entry));
  }
}

void LocalInferCalls::Take(Entry entry) {
  if (entry.kind == Entry::Kind::kRequest) {
    // If there is no memory for the frame, the request is lost with it; `done` is kept for that
    // case.
    LocalRequest refused{{}, {}, {}, {}, entry.request.done};
    if (!frames_.Start(Serve(std::move(entry)))) {
      Answer(refused, LocalAnswer::Uncounted(RejectionReason::kMemory));
    }
    return;
  }
  if (entry.kind == Entry::Kind::kCancelAll) {
    for (const auto& [number, call] : calls_) call->over.Complete(/*ok=*/false);
    return;
  }
  const auto found = calls_.find(entry.call);
  if (found != calls_.end()) found->second->over.Complete(/*ok=*/false);
}

CallCoroutine LocalInferCalls::Serve(Entry entry) {
  LocalRequest& request = entry.request;
  LocalAnswer answer;
  try {
    Call call(*this, entry.call);
    call.slot.SetTraceOf([&request] { return request.trace; });
    scheduler_.Submit(request.message,
                      {request.arrival, Clock::now(), Clock::time_point::max(),
                       [&request] { return request.connection; }},
                      call.slot);
    co_await call.wakeup.Until([&call] { return call.slot.answered(); });
    answer = {call.slot.status(), call.slot.bytes, std::move(call.slot.held), std::nullopt};
  } catch (const std::bad_alloc&) {
    answer = LocalAnswer::Uncounted(RejectionReason::kMemory);
  }
  Answer(request, std::move(answer));
}

void LocalInferCalls::Answer(LocalRequest& request, LocalAnswer answer) {
  request.done(std::move(answer));
  const std::lock_guard lock(mutex_);
  if (--unanswered_ == 0 && closed_) answered_.notify_all();
}

}  // namespace mlp
