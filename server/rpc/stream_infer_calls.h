// The ModelStreamInfer calls of one completion queue. In each, requests come one after the other,
// several of them are under way at once, and the answers go in the requests' order. A request that
// is refused is answered by an error_message, and the stream goes on.

#ifndef MLP_SERVER_RPC_STREAM_INFER_CALLS_H_
#define MLP_SERVER_RPC_STREAM_INFER_CALLS_H_

#include <cstddef>

#include "server/access/call_gate.h"
#include "server/batching/rejection_reason.h"
#include "server/linked_list.h"
#include "server/observe/metrics.h"
#include "server/rpc/batch_scheduler.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_service.h"
#include "server/rpc/open_streams.h"

namespace mlp {

// Belongs to the loop's thread once calls are posted.
class StreamInferCalls final {
 public:
  // Requests of a stream that are under way at once, answers that wait to be sent among them: no
  // more are read from the client before one has gone, so that a client that does not read holds no
  // more than these.
  static constexpr std::size_t kMostUnderWay = 64;

  // All of these must outlive the calls. `gate`: null where callers are not asked who they are.
  StreamInferCalls(const CompletionLoop& loop, InferService& service, BatchScheduler& scheduler,
                   OpenStreams& open, Metrics& metrics, CallGate* gate = nullptr)
      : loop_(loop),
        service_(service),
        scheduler_(scheduler),
        open_(open),
        metrics_(metrics),
        gate_(gate) {}

  // Asks gRPC for the first stream of a client; a further one is asked for as that comes. Call it
  // once; it throws bad_alloc.
  void Post() { frames_.StartFirst(Serve()); }

  // No more requests are taken, of streams that will be opened either: each ends once its requests
  // under way are answered.
  void End();

  // Whether clients have streams that are not over.
  bool under_way() const { return calls_.size() > (posted_ ? 1U : 0U); }

  // Cancels streams with an answer that has been on its way since before `time`.
  void CancelIfSentBefore(BatchScheduler::Clock::time_point time);

 private:
  class Call;

  // Serves a stream from its opening to its end, or more of them where there is no memory for
  // another frame.
  CallCoroutine Serve();
  // Reads the requests of a stream and has them answered.
  CallCoroutine ReadRequests(Call& call);
  // No more requests are taken of it, and it ends with `reason`.
  void Refuse(Call& call, RejectionReason reason);
  // The same where its caller may not ask, or not any more. False where it may.
  bool IsDenied(Call& call);

  const CompletionLoop& loop_;
  InferService& service_;
  BatchScheduler& scheduler_;
  OpenStreams& open_;
  Metrics& metrics_;
  CallGate* const gate_;
  bool ended_ = false;
  bool posted_ = false;     // the next stream
  LinkedList<Call> calls_;  // each in its coroutine's frame
  CallFrames frames_;       // goes first: what is in the frames refers to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_STREAM_INFER_CALLS_H_
