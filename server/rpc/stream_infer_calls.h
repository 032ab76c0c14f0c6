// The ModelStreamInfer calls of one completion queue. In each, requests come one after another,
// several are under way at the same time, and answers are sent in the order of the requests. A
// request that is refused is answered with an error_message, and the stream goes on.

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
  // The most requests of a stream that are under way at the same time, including answers that wait
  // to be sent. No more are read before one has been sent, so a client that does not read holds no
  // more than these.
  static constexpr std::size_t kMaxInFlight = 64;

  // All references must outlive the calls. `gate` is null if callers are not checked.
  StreamInferCalls(const CompletionLoop& loop, InferService& service, BatchScheduler& scheduler,
                   OpenStreams& open, Metrics& metrics, CallGate* gate = nullptr)
      : loop_(loop),
        service_(service),
        scheduler_(scheduler),
        open_(open),
        metrics_(metrics),
        gate_(gate) {}

  // Asks gRPC for the first stream; each further one is asked for when one has come. Call it once.
  // Throws bad_alloc.
  void Post() { frames_.StartFirst(Serve()); }

  // Takes no more requests, nor any on later streams. Each stream ends once its requests under way
  // are answered.
  void End();

  // Whether clients have streams that have not ended.
  bool has_calls() const { return calls_.size() > (posted_ ? 1U : 0U); }

  // Cancels streams with an answer that has been on its way since before `time`.
  void CancelIfSentBefore(BatchScheduler::Clock::time_point time);

 private:
  class Call;

  // Serves one stream from its opening to its end, or more if there is no memory for another frame.
  CallCoroutine Serve();
  // Reads the requests of a stream and has them answered.
  CallCoroutine ReadRequests(Call& call);
  // Takes no more requests of the stream, and ends it with `reason`.
  void Refuse(Call& call, RejectionReason reason);
  // The same if its caller may not ask, or no longer may. Returns false if it may.
  bool IsDenied(Call& call);

  const CompletionLoop& loop_;
  InferService& service_;
  BatchScheduler& scheduler_;
  OpenStreams& open_;
  Metrics& metrics_;
  CallGate* const gate_;
  bool ended_ = false;
  bool posted_ = false;     // whether the next stream is posted
  LinkedList<Call> calls_;  // each in its coroutine's frame
  CallFrames frames_;       // destroyed first: the frames refer to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_STREAM_INFER_CALLS_H_
