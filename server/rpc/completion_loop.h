// One completion queue, served by one thread: waits for an event, takes everything else that is
// there already, and then lets its owner act on all of it together.

#ifndef MLP_SERVER_RPC_COMPLETION_LOOP_H_
#define MLP_SERVER_RPC_COMPLETION_LOOP_H_

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <chrono>
#include <functional>
#include <memory>

namespace mlp {

// What a completion queue hands back when an operation has ended. It is called on the queue's
// thread and must live until then.
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

  // Completes tags until Stop; calls `after_drain` each time that the queue has run empty, and now
  // and then while it does not. It says until when to wait for the next tag before it wants to be
  // called again; what is over already is not waited for. Returns when the queue has given back
  // every tag.
  void Run(const std::function<Clock::time_point()>& after_drain);

  // Ends Run. Call it from another thread, once, when the server has been shut down and Run is
  // under way or will be.
  void Stop();

  // Whether new operations must no longer be started. For the thread in Run.
  bool stopping() const { return stop_.asked; }

 private:
  struct StopTag final : public CompletionTag {
    void Complete(bool) override { asked = true; }
    bool asked = false;
  };

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  grpc::Alarm stop_alarm_;
  StopTag stop_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_COMPLETION_LOOP_H_
