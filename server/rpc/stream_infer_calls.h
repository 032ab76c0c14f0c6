// The ModelStreamInfer calls of one completion queue. In each, requests come one after the other,
// several of them are under way at once, and the answers go in the requests' order. A request that
// is refused is answered by an error_message, and the stream goes on.

#ifndef MLP_SERVER_RPC_STREAM_INFER_CALLS_H_
#define MLP_SERVER_RPC_STREAM_INFER_CALLS_H_

#include <cstddef>

#include "absl/container/flat_hash_set.h"
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

  // All of these must outlive the calls.
  StreamInferCalls(const CompletionLoop& loop, InferService& service, BatchScheduler& scheduler,
                   OpenStreams& open, Metrics& metrics)
      : loop_(loop), service_(service), scheduler_(scheduler), open_(open), metrics_(metrics) {}

  // Asks gRPC for the next stream of a client; a further one is asked for as that comes.
  void Post();

  // No more requests are taken, of streams that will be opened either: each ends once its requests
  // under way are answered.
  void End();

  // Whether clients have streams that are not over. One is always posted.
  bool under_way() const { return calls_.size() > 1; }

  // Cancels streams with an answer that has been on its way since before `time`.
  void CancelIfSentBefore(BatchScheduler::Clock::time_point time);

 private:
  class Call;

  // A stream from its opening to its end: sends the answers.
  CallCoroutine Serve();
  // Reads the requests of a stream and has them answered.
  CallCoroutine ReadRequests(Call& call);

  const CompletionLoop& loop_;
  InferService& service_;
  BatchScheduler& scheduler_;
  OpenStreams& open_;
  Metrics& metrics_;
  bool ended_ = false;
  absl::flat_hash_set<Call*> calls_;  // each in its coroutine's frame
  CallFrames frames_;  // goes first: what is in the frames refers to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_STREAM_INFER_CALLS_H_
