#include "server/rpc/completion_loop.h"

#include <grpc/support/time.h>

#include <utility>

namespace mlp {
namespace {

// A queue that fills as fast as it is drained must not keep what came first from being answered.
constexpr int kMostEventsInADrain = 1024;

}  // namespace

CompletionLoop::CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

void CompletionLoop::Run(const std::function<void()>& after_drain) {
  const gpr_timespec at_once = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  bool shut_down = false;
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    static_cast<CompletionTag*>(tag)->Complete(ok);
    for (int events = 1; events < kMostEventsInADrain &&
                         queue_->AsyncNext(&tag, &ok, at_once) == grpc::CompletionQueue::GOT_EVENT;
         ++events) {
      static_cast<CompletionTag*>(tag)->Complete(ok);
    }
    after_drain();
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
