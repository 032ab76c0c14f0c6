// One completion queue, served by one thread at a time: it waits for an event, takes everything
// else that is there already, and then lets the owner act on all of it together.
//
// gRPC 1.51 lets the thread that waits in it read the sockets, and while they bring more and more
// does not let it go: nobody would take what it has read, which waits unanswered, or is kept when
// the client has reset it (CVE-2023-44487). So a second thread looks now and then whether the first
// is away, and acts in its place until it is back.

#ifndef MLP_SERVER_RPC_COMPLETION_LOOP_H_
#define MLP_SERVER_RPC_COMPLETION_LOOP_H_

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace mlp {

// What a completion queue hands back when an operation has ended. It is called by one of the loop's
// two threads, never by both at once, and must live until then.
class CompletionTag {
 public:
  virtual ~CompletionTag() = default;

  // `ok` is false where the operation did not take place, as gRPC defines for each.
  virtual void Complete(bool ok) = 0;
};

class CompletionLoop final {
 public:
  explicit CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue);

  grpc::ServerCompletionQueue* queue() const { return queue_.get(); }

  using Clock = std::chrono::steady_clock;

  // Acts on all that has come. Says until when to wait for the next tag before it wants to be
  // called again; what is over already is not waited for. Called by one thread at a time.
  using AfterDrain = std::function<Clock::time_point()>;

  // Completes tags until Stop; calls `after_drain` each time that the queue has run empty, and now
  // and then while it does not. Returns when the queue has given back every tag.
  void Run(const AfterDrain& after_drain);

  // Does what Run does while the thread in Run is away. For one other thread; returns after Run
  // has.
  void Relieve(const AfterDrain& after_drain);

  // Ends Run. Call it from another thread, once, when the server has been shut down and Run is
  // under way or will be.
  void Stop();

  // Whether new operations must no longer be started. For whoever is called by the loop.
  bool stopping() const { return stop_.asked; }

  // Destroys `object`, whose tag may be the one that is being completed, once that has returned.
  // For whoever is called by the loop.
  void DestroyAfterThisTag(std::shared_ptr<void> object) { over_.push_back(std::move(object)); }

 private:
  struct StopTag final : public CompletionTag {
    void Complete(bool) override { asked = true; }
    bool asked = false;
  };

  // Completes `tag`, if `status` says that one came, and all others that have come.
  void Drain(grpc::CompletionQueue::NextStatus status, void* tag, bool ok);

  // Calls the owner, and shuts the queue down once that was asked for. Others must not act.
  Clock::time_point CallOwner(const AfterDrain& after_drain);

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::vector<std::shared_ptr<void>> over_;  // of the tag that is being completed
  std::mutex acting_;  // held while a tag is completed or the owner called, never within gRPC
  std::atomic<std::int64_t> turns_ = 0;  // how often the thread in Run has called the owner
  // For the thread in Relieve, which sleeps long while there is nothing to do: at the end it looks
  // again and again.
  std::mutex relief_mutex_;
  std::condition_variable relief_wake_;
  bool relief_called_ ABSL_GUARDED_BY(relief_mutex_) = false;
  grpc::Alarm stop_alarm_;
  StopTag stop_;
  bool shut_down_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_COMPLETION_LOOP_H_
