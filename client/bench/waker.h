// Wakes a thread that waits at a completion queue when the next request of an open loop is due.
//
// gRPC counts deadlines in whole milliseconds, those of AsyncNext and of alarms as well, which is
// longer than a small model's answer takes. So a thread of its own sleeps by the kernel's clock and
// then puts an alarm that is over already into the queue.

#ifndef MLP_CLIENT_BENCH_WAKER_H_
#define MLP_CLIENT_BENCH_WAKER_H_

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "client/bench/answer_tally.h"
#include "client/bench/arrival_schedule.h"

namespace mlp {

class Waker final {
 public:
  // `schedule`, a copy of the sender's own, counts from `start`. `queue` outlives this.
  Waker(const ArrivalSchedule& schedule, LoadClock::time_point start, grpc::CompletionQueue& queue);

  ~Waker() { Stop(); }

  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  // Wakes nobody any more. A last alarm may be in the queue still.
  void Stop();

  // What comes out of the queue where a request is due; to be told of it by Woken().
  void* tag() { return this; }
  void Woken() { pending_.store(false); }

  // To be called around each wait at the queue: nobody is woken but out of one. After BeginWait()
  // the sender looks once more whether something is due, as what became due before it goes unseen.
  void BeginWait() { waiting_.store(true); }
  void EndWait() { waiting_.store(false); }

 private:
  void Run();

  ArrivalSchedule schedule_;
  const LoadClock::time_point start_;
  grpc::CompletionQueue& queue_;
  grpc::Alarm alarm_;
  std::atomic<bool> waiting_{false};
  std::atomic<bool> pending_{false};  // the alarm is set or in the queue
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_WAKER_H_
