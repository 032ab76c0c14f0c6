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
  // All of these must outlive the calls.
  // `gate`: null where callers are not asked who they are.
  UnaryInferCalls(const CompletionLoop& loop, InferService& service, BatchScheduler& scheduler,
                  CallGate* gate = nullptr);

  // Asks gRPC for clients' calls, as many as are to be posted ahead and are not. Further ones are
  // asked for as these come, but where there was no memory for them.
  void Post();

  // Whether clients have calls that are not over.
  bool under_way() const { return static_cast<int>(calls_.size() - resting_.size()) > posted_; }

  // Cancels calls whose answers have been on their way since before `time`.
  void CancelIfSentBefore(BatchScheduler::Clock::time_point time);

 private:
  class Call;

  // Answers one call after the other.
  CallCoroutine Serve();
  void PostUntil(int least);  // so many are posted

  const CompletionLoop& loop_;
  InferService& service_;
  BatchScheduler& scheduler_;
  CallGate* const gate_;
  LinkedList<Call> calls_;      // each in its coroutine's frame
  std::vector<Call*> resting_;  // more than need be posted
  int posted_ = 0;
  CallFrames frames_;  // goes first: what is in the frames refers to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNARY_INFER_CALLS_H_
