// Wakes a thread that waits on a completion queue when the next request of an open loop is due.
//
// gRPC rounds deadlines, including those of AsyncNext and of alarms, to whole milliseconds. That is
// longer than a small model takes to answer. So a separate thread sleeps by the kernel's clock and
// then puts an expired alarm into the queue.

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
  // `schedule`, a copy of the sender's, counts from `start`. `queue` must outlive this object.
  Waker(const ArrivalSchedule& schedule, LoadClock::time_point start, grpc::CompletionQueue& queue);

  ~Waker() { Stop(); }

  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  // Stops waking. A last alarm may still be in the queue.
  void Stop();

  // The tag that comes out of the queue when a request is due. On taking it, call Woken().
  void* tag() { return this; }
  void Woken() { pending_.store(false); }

  // Call these around each wait on the queue: only a waiting thread is woken. After BeginWait(),
  // the sender must check again whether something is due: what became due earlier does not wake it.
  void BeginWait() { waiting_.store(true); }
  void EndWait() { waiting_.store(false); }

 private:
  void Run();

  ArrivalSchedule schedule_;
  const LoadClock::time_point start_;
  grpc::CompletionQueue& queue_;
  grpc::Alarm alarm_;
  std::atomic<bool> waiting_{false};
  std::atomic<bool> pending_{false};  // the alarm is set, or is in the queue
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_WAKER_H_
