// One completion queue, served by one thread at a time: it waits for an event, takes everything
// else that is already there, and then lets the owner act on all of it together.
//
// gRPC 1.51 lets the thread that waits in it read the sockets. While the sockets stay readable,
// gRPC keeps this thread. Then nobody takes the requests it has read, so they wait unanswered, or
// stay in memory after the client has reset them (CVE-2023-44487). So a second thread, the relief,
// checks now and then whether gRPC keeps the first, and acts in its place until it is back. It does
// not disturb a thread that acts, however long that takes. While nothing comes, both threads sleep.
// A third thread, which looks after many loops, calls WakeReliefIfKept now and then.

#ifndef MLP_SERVER_RPC_COMPLETION_LOOP_H_
#define MLP_SERVER_RPC_COMPLETION_LOOP_H_

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "server/rpc/call_coroutine.h"

namespace mlp {

class CompletionLoop final {
 public:
  using Clock = std::chrono::steady_clock;

  // What is reported of the loop's work. Called by one thread at a time.
  struct Observers {
    // The relief takes tags in place of a kept thread.
    std::function<void()> takeover = [] {};
    // The duration of a turn in which something was done, from the first tag until the owner has
    // acted: nobody looked for more during this time.
    std::function<void(Clock::duration)> turn = [](Clock::duration) {};
  };

  explicit CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : CompletionLoop(std::move(queue), Observers()) {}
  CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue, Observers observers);

  grpc::ServerCompletionQueue* queue() const { return queue_.get(); }

  // Acts on everything that has come. Returns until when to wait for the next tag before it wants
  // to be called again; if that time is past, there is no wait. Called by one thread at a time.
  using AfterDrain = std::function<Clock::time_point()>;

  // Completes tags until Stop. Calls `after_drain` whenever the queue has run empty, and now and
  // then while it does not. Returns when the queue has given back every tag.
  void Run(const AfterDrain& after_drain);

  // Does what Run does while gRPC keeps the thread in Run. For one other thread. Returns when Run
  // does, or when the queue has given back every tag.
  void Relieve(const AfterDrain& after_drain);

  // Makes the relief look immediately, if it rests although gRPC keeps the thread in Run. That
  // thread may have been kept since its first event after a rest, before it could wake the relief.
  // For one thread at a time.
  void WakeReliefIfKept();

  // Since when the tag that is being completed may have waited. If it came while the loop acted,
  // since the queue was last empty. If it ended a wait, since the end of the wait. Only for
  // functions that the loop calls.
  Clock::time_point came_since() const { return came_since_; }

  // Makes the loop call its owner soon, even if nothing comes. Thread-safe.
  void CallOwnerSoon() ABSL_LOCKS_EXCLUDED(relief_mutex_);

  // Whether the relief sleeps until somebody wakes it. Thread-safe.
  bool relief_rests() const { return relief_rests_.load(std::memory_order_relaxed); }

  // Ends Run. Call it from another thread, once, when the server has been shut down. Run must be
  // under way, or follow.
  void Stop();

  // Whether new operations must no longer be started. Only for functions that the loop calls.
  bool stopping() const { return stop_.done(); }

 private:
  // What the thread in Run does.
  enum class Doing : std::uint64_t {
    kWaiting,   // in gRPC, with nothing left to act on
    kDraining,  // in gRPC, between tags it has completed and the owner's call
    kActing,    // completes a tag or calls the owner
  };
  // A count of changes, with the thread's Doing in its two lowest bits. So a thread that is found
  // twice in the same step has not left it in between.
  using Step = std::uint64_t;
  static constexpr Step kStep = 4;
  static Doing DoingIn(Step step) { return static_cast<Doing>(step % kStep); }

  // Why the relief is woken.
  struct Calls {
    bool look = false;
    bool call_owner = false;
    bool stop = false;   // never reset
    bool ended = false;  // never reset: Run has returned
  };

  // For the thread in Run.
  void Enter(Doing doing) {
    const Step step = step_.load(std::memory_order_relaxed);
    step_.store((step - step % kStep + kStep) | static_cast<Step>(doing),
                std::memory_order_relaxed);
  }

  // What gRPC returns for the queue.
  struct Event {
    grpc::CompletionQueue::NextStatus status = grpc::CompletionQueue::TIMEOUT;
    void* tag = nullptr;
    bool ok = false;
    Clock::time_point since;  // see came_since()
  };

  // Look returns what is there, without waiting. Wait returns what comes by `until`.
  Event Look(Clock::time_point since);
  Event Wait(gpr_timespec until);

  // Completes the tag of `event`, if it has one, and all others that have come. Returns false if
  // there may be more. `own`: whether this is the thread in Run, not the relief.
  bool Drain(Event event, bool own);

  // Calls the owner, and shuts the queue down after Stop. No other thread may act meanwhile.
  Clock::time_point CallOwner(const AfterDrain& after_drain);

  Calls SleepUntilCalled(Clock::time_point until) ABSL_LOCKS_EXCLUDED(relief_mutex_);
  void WakeRelief(bool Calls::*call) ABSL_LOCKS_EXCLUDED(relief_mutex_);

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  const Observers observers_;
  std::mutex acting_;  // held while a tag is completed or the owner called, never within gRPC
  Clock::time_point came_since_;  // for the thread that acts
  std::atomic<Step> step_ = 0;    // written by the thread in Run
  std::atomic<bool> relief_rests_ = false;
  std::mutex relief_mutex_;
  std::condition_variable relief_wake_;
  Calls calls_ ABSL_GUARDED_BY(relief_mutex_);
  // The clock of the CPU time of the thread in Run, once it has begun.
  std::atomic<clockid_t> own_cpu_clock_;
  std::chrono::nanoseconds own_cpu_seen_{0};  // last seen by WakeReliefIfKept
  grpc::Alarm stop_alarm_;
  Wakeup nobody_;
  CompletionTag stop_{nobody_};
  bool shut_down_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_COMPLETION_LOOP_H_
