// The ModelInfer calls of one completion queue.

#ifndef MLP_SERVER_RPC_UNARY_INFER_CALLS_H_
#define MLP_SERVER_RPC_UNARY_INFER_CALLS_H_

#include <vector>

#include "server/access/call_gate.h"
#include "server/linked_list.h"
#include "server/rpc/batch_scheduler.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_service.h"

namespace mlp {

// Belongs to the loop's thread once calls are posted.
class UnaryInferCalls final {
 public:
  // All references must outlive the calls. `gate` is null if callers are not checked.
  UnaryInferCalls(const CompletionLoop& loop, InferService& service, BatchScheduler& scheduler,
                  CallGate* gate = nullptr);

  // Asks gRPC for calls until the intended number is posted ahead. More are asked for as these
  // come, unless there was no memory for them.
  void Post();

  // Whether clients have calls that have not ended.
  bool has_calls() const { return static_cast<int>(calls_.size() - resting_.size()) > posted_; }

  // Cancels calls whose answers have been on their way since before `time`.
  void CancelIfSentBefore(BatchScheduler::Clock::time_point time);

 private:
  class Call;

  // Answers one call after another.
  CallCoroutine Serve();
  void PostUntil(int least);  // posts calls until `least` are posted

  const CompletionLoop& loop_;
  InferService& service_;
  BatchScheduler& scheduler_;
  CallGate* const gate_;
  LinkedList<Call> calls_;      // each in its coroutine's frame
  std::vector<Call*> resting_;  // not needed now
  int posted_ = 0;
  CallFrames frames_;  // destroyed first: the frames refer to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNARY_INFER_CALLS_H_
