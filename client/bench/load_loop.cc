#include "client/bench/load_loop.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "client/bench/arrival_schedule.h"
#include "client/bench/stream_exchange.h"
#include "client/bench/unary_exchange.h"
#include "client/bench/waker.h"

namespace mlp {
namespace {

using std::chrono::nanoseconds;

// How long to wait for answers after sending ends.
constexpr auto kPatience = std::chrono::seconds(10);

// How often an idle loop checks whether to stop.
constexpr auto kBetweenLooks = std::chrono::milliseconds(50);

// An open loop that is behind alternates between sending and receiving in batches of this size:
// both answers and requests that wait add to the latencies.
constexpr int kSendsAtOnce = 16;
constexpr int kTakesAtOnce = 32;

template <typename Exchange>
class LoadLoop final {
 public:
  LoadLoop(const LoadShare& share, const LoadStop& stop, grpc::CompletionQueue& queue,
           Exchange& exchange, AnswerTally& tally)
      : share_(share),
        stop_(stop),
        queue_(queue),
        exchange_(exchange),
        tally_(tally),
        next_message_(share.first_message % share.messages.size()) {
    if (!share.target.open()) return;
    schedule_.emplace(share.target.rate, share.seed);
    waker_.emplace(*schedule_, share.start, queue);
  }

  void Run() {
    std::this_thread::sleep_until(share_.start);
    while (true) {
      const LoadClock::time_point now = LoadClock::now();
      if (sending_ && IsOver(now)) EndSending(now);
      if (sending_) SendDue(now);
      if (!sending_ && InFlight() == 0) exchange_.Close();
      if (!sending_ && InFlight() == 0 && exchange_.closed()) break;
      if (!sending_ && !cancelled_ && (now > cancel_at_ || stop_.waiting.load())) {
        cancelled_ = true;
        exchange_.Cancel();
      }
      ReceiveAvailable();
    }
    EndTaking();
  }

 private:
  std::int64_t InFlight() const { return sent_ - tally_.added(); }

  bool IsOver(LoadClock::time_point now) const {
    return now >= share_.start + share_.end.duration || AllSent() ||
           stop_.sending.load(std::memory_order_relaxed);
  }
  bool AllSent() const { return share_.end.requests > 0 && sent_ >= share_.end.requests; }

  void EndSending(LoadClock::time_point now) {
    sending_ = false;
    cancel_at_ = now + kPatience;
    if (waker_.has_value()) waker_->Stop();
    LoadResult& result = tally_.result();
    result.sent = sent_;
    result.window = now - share_.start;
    result.answered_in_window = result.answered;
    const LoadClock::time_point end = std::min(now, share_.start + share_.end.duration);
    while (schedule_.has_value() && !AllSent() && share_.start + schedule_->next() <= end) {
      ++result.unsent;
      schedule_->Pop();
    }
  }

  // A run that has sent all its requests ends with the last answer.
  void EndTaking() {
    if (!AllSent()) return;
    LoadResult& result = tally_.result();
    result.window = std::max<nanoseconds>(result.window, tally_.last_answer() - share_.start);
    result.answered_in_window = result.answered;
  }

  void SendDue(LoadClock::time_point now) {
    if (!share_.target.open()) {
      while (InFlight() < share_.target.concurrency && !AllSent()) Send(LoadClock::now());
      return;
    }
    LoadResult& result = tally_.result();
    for (int i = 0; i < kSendsAtOnce && IsDue(now) && !AllSent(); ++i) {
      if (InFlight() >= share_.most_in_flight) {
        if (!held_back_) ++result.held_back;
        held_back_ = true;
        return;
      }
      held_back_ = false;
      const LoadClock::time_point due = share_.start + schedule_->next();
      result.lag.Record(nanoseconds(now - due).count());
      schedule_->Pop();
      Send(due);
      now = LoadClock::now();
    }
  }

  bool IsDue(LoadClock::time_point now) const {
    return sending_ && schedule_.has_value() && share_.start + schedule_->next() <= now;
  }

  void Send(LoadClock::time_point counted_from) {
    ++sent_;
    exchange_.Send({next_message_, counted_from});
    next_message_ = next_message_ + 1 == share_.messages.size() ? 0 : next_message_ + 1;
  }

  void ReceiveAvailable() {
    if (!waker_.has_value() || !sending_) {
      TakeOne(std::chrono::system_clock::now() + kBetweenLooks);
      return;
    }
    waker_->BeginWait();
    const bool behind = IsDue(LoadClock::now()) && InFlight() < share_.most_in_flight;
    if (!behind) TakeOne(std::chrono::system_clock::now() + kBetweenLooks);
    waker_->EndWait();
    for (int i = 0; behind && i < kTakesAtOnce; ++i) {
      // gRPC would round a deadline of now up to the next millisecond.
      if (!TakeOne(std::chrono::system_clock::time_point())) return;
    }
  }

  // Takes one tag, waiting until `deadline`. Returns whether there was one.
  bool TakeOne(std::chrono::system_clock::time_point deadline) {
    void* tag = nullptr;
    bool ok = false;
    const auto state = queue_.AsyncNext(&tag, &ok, deadline);
    if (state != grpc::CompletionQueue::GOT_EVENT) return false;
    if (waker_.has_value() && tag == waker_->tag()) {
      waker_->Woken();
      return true;
    }
    exchange_.Take(tag, ok, LoadClock::now());
    return true;
  }

  const LoadShare& share_;
  const LoadStop& stop_;
  grpc::CompletionQueue& queue_;
  Exchange& exchange_;
  AnswerTally& tally_;
  std::optional<ArrivalSchedule> schedule_;  // in an open loop
  std::optional<Waker> waker_;               // in an open loop
  std::size_t next_message_;
  std::int64_t sent_ = 0;
  bool sending_ = true;
  bool cancelled_ = false;
  bool held_back_ = false;  // whether the next due request is counted in held_back
  LoadClock::time_point cancel_at_;
};

template <typename Exchange>
LoadResult RunThrough(const LoadShare& share, const LoadStop& stop, grpc::CompletionQueue& queue,
                      Exchange& exchange, AnswerTally& tally) {
  LoadLoop<Exchange>(share, stop, queue, exchange, tally).Run();
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {  // only the last alarm is left
  }
  return std::move(tally.result());
}

}  // namespace

LoadResult RunLoadLoop(const LoadShare& share, const LoadStop& stop, LoadProgress& progress) {
  grpc::CompletionQueue queue;
  AnswerTally tally(share.check, progress);
  if (share.stream) {
    StreamExchange exchange(share.channels, share.messages, share.token, queue, tally);
    return RunThrough(share, stop, queue, exchange, tally);
  }
  UnaryExchange exchange(share.channels, share.messages, share.deadline, share.token, queue, tally);
  return RunThrough(share, stop, queue, exchange, tally);
}

}  // namespace mlp
