#include "server/rpc/completion_loop.h"

#include <grpc/support/time.h>

#include <utility>

namespace mlp {
namespace {

// A queue that fills as fast as it is drained must not keep what came first from being answered.
constexpr int kMostEventsInADrain = 1024;

gpr_timespec Timespec(CompletionLoop::Clock::time_point time) {
  if (time == CompletionLoop::Clock::time_point::max()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const CompletionLoop::Clock::time_point now = CompletionLoop::Clock::now();
  if (time <= now) return gpr_inf_past(GPR_CLOCK_MONOTONIC);
  const CompletionLoop::Clock::duration left = time - now;
  return gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC),
      gpr_time_from_nanos(std::chrono::duration_cast<std::chrono::nanoseconds>(left).count(),
                          GPR_TIMESPAN));
}

}  // namespace

CompletionLoop::CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

void CompletionLoop::Run(const std::function<Clock::time_point()>& after_drain) {
  const gpr_timespec at_once = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  bool shut_down = false;
  void* tag = nullptr;
  bool ok = false;
  gpr_timespec until = at_once;  // the owner says how long to wait, also before anything came
  for (;;) {
    grpc::CompletionQueue::NextStatus status = queue_->AsyncNext(&tag, &ok, until);
    if (status == grpc::CompletionQueue::SHUTDOWN) return;
    for (int events = 1; status == grpc::CompletionQueue::GOT_EVENT; ++events) {
      static_cast<CompletionTag*>(tag)->Complete(ok);
      if (events >= kMostEventsInADrain) break;
      status = queue_->AsyncNext(&tag, &ok, at_once);
    }
    until = Timespec(after_drain());
    if (stopping() && !shut_down) {
      shut_down = true;
      queue_->Shutdown();
    }
  }
}

void CompletionLoop::Stop() {
  // The thread itself shuts its queue down, between two drains: starting an operation on a queue
  // that another thread shuts down at that moment would abort the process.
  stop_alarm_.Set(queue_.get(), gpr_now(GPR_CLOCK_MONOTONIC), &stop_);
}

}  // namespace mlp
