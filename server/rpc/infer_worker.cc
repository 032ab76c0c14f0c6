#include "server/rpc/infer_worker.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <utility>

namespace mlp {
namespace {

// The longest sleep of a thread while calls are under way, or models that are gone are kept.
constexpr std::chrono::milliseconds kLongestSleep(1'000);

// How long a client may take for an answer while others are refused for lack of bytes.
constexpr std::chrono::seconds kPatienceWhenShort(2);

}  // namespace

InferWorker::InferWorker(InferService& service, const ModelCatalog& models, Limits limits,
                         BusyThreads& busy, Metrics& metrics,
                         std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : busy_threads_(busy),
      answer_patience_(limits.answer_patience),
      turns_(metrics.loop_turns()),
      loop_(std::move(queue), {[&metrics] { metrics.loop_takeovers().Increment(); },
                               [this](Clock::duration turn) { turns_.Observe(turn); }}),
      scheduler_(models, limits.shared, busy, metrics),
      calls_(loop_, service, scheduler_, limits.gate),
      streams_(loop_, service, scheduler_, limits.streams, metrics, limits.gate),
      local_calls_(loop_, scheduler_) {}

void InferWorker::Start() {
  calls_.Post();
  streams_.Post();
  local_calls_.Post();
  thread_ = std::thread([this] { loop_.Run([this] { return Act(); }); });
  relief_ = std::thread([this] {
    loop_.Relieve([this] {
      const BusyThreads::Busy kept(busy_threads_);  // the thread that gRPC keeps, reading
      return Act();
    });
  });
}

void InferWorker::Refuse() {
  scheduler_.Refuse();
  wake_alarm_.Set(loop_.queue(), gpr_now(GPR_CLOCK_MONOTONIC), &wake_);
}

void InferWorker::Maintain(bool models_changed) {
  if (models_changed) return loop_.CallOwnerSoon();
  loop_.WakeReliefIfKept();
}

void InferWorker::BeginStop() { loop_.Stop(); }

void InferWorker::Stop() {
  thread_.join();
  relief_.join();
}

InferWorker::Clock::time_point InferWorker::Act() {
  const Clock::time_point next = scheduler_.EvaluateRound(Clock::now());
  if (scheduler_.refusing()) streams_.End();
  const Clock::time_point now = Clock::now();
  CancelUnreadAnswers(now);
  const bool looks_after_some = calls_.has_calls() || streams_.has_calls();
  if (!scheduler_.keeps_models() && !looks_after_some) return next;
  return std::min<Clock::time_point>(next, now + kLongestSleep);
}

void InferWorker::CancelUnreadAnswers(Clock::time_point now) {
  if (now - last_cancelled_ < kLongestSleep) return;
  last_cancelled_ = now;
  // While answers are refused because others are not taken, no client may be slow.
  const Clock::duration patience =
      scheduler_.WasShortOfAnswerBytes()
          ? std::min<Clock::duration>(kPatienceWhenShort, answer_patience_)
          : answer_patience_;
  calls_.CancelIfSentBefore(now - patience);
  streams_.CancelIfSentBefore(now - patience);
}

}  // namespace mlp
