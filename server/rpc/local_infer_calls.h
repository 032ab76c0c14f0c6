// Inference requests that other threads of the process give to a worker, in addition to those from
// gRPC: as bytes of the same message, through the same admission, queues and batches.

#ifndef MLP_SERVER_RPC_LOCAL_INFER_CALLS_H_
#define MLP_SERVER_RPC_LOCAL_INFER_CALLS_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/byte_buffer.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/batching/answer_budget.h"
#include "server/batching/rejection_reason.h"
#include "server/observe/trace_id.h"
#include "server/rpc/batch_scheduler.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"

namespace mlp {

// The outcome of a request.
struct LocalAnswer {
  absl::Status status;
  grpc::ByteBuffer bytes;  // a ModelInferResponse, if the status is OK
  HeldAnswer held;         // must be kept until the client has the answer
  // Why the status is an error, if no metric has counted it because it reached no worker.
  std::optional<RejectionReason> uncounted = std::nullopt;

  static LocalAnswer Uncounted(RejectionReason reason) {
    return {StatusOf(reason), {}, {}, reason};
  }
};

struct LocalRequest {
  grpc::ByteBuffer message;  // a ModelInferRequest
  std::string connection;    // names the connection that the answer goes to (AnswerBudget)
  BatchScheduler::Clock::time_point arrival;
  TraceId trace;
  // Called once, on any thread. It must not keep the thread, and must not throw.
  std::function<void(LocalAnswer)> done;
};

// Belongs to the loop's thread, except where noted.
class LocalInferCalls final {
 public:
  using Clock = BatchScheduler::Clock;

  // Both must outlive the calls.
  LocalInferCalls(CompletionLoop& loop, BatchScheduler& scheduler);
  ~LocalInferCalls();

  // The call of a request that was refused immediately. Cancel ignores it.
  static constexpr std::uint64_t kRefusedCall = 0;

  // Call it before the loop runs.
  void Post();

  // Has the request answered by the loop's thread. Answers it immediately on the caller's thread
  // with UNAVAILABLE after Close, and with RESOURCE_EXHAUSTED if there is no memory. Returns the
  // call, for Cancel. Thread-safe, from Post until the loop is stopped.
  std::uint64_t Submit(LocalRequest request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Call it when the client has gone: the request is answered with CANCELLED unless it has already
  // been evaluated. Ignores a request that was answered. Thread-safe, like Submit.
  void Cancel(std::uint64_t call) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes no more requests, and waits until all are answered. Cancels those that are not answered
  // by `deadline`. Call it from another thread than the loop's, before the loop is stopped.
  void Close(Clock::time_point deadline) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Call;

  struct Entry {
    enum class Kind { kRequest, kCancel, kCancelAll };

    std::uint64_t call = kRefusedCall;
    Kind kind = Kind::kRequest;  // the others bring no request
    LocalRequest request;
  };

  // Takes what other threads have brought, each time that they wake the loop.
  CallCoroutine TakeEntries();
  CallCoroutine Serve(Entry entry);
  void Take(Entry entry);
  void Answer(LocalRequest& request, LocalAnswer answer) ABSL_LOCKS_EXCLUDED(mutex_);
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CompletionLoop& loop_;
  BatchScheduler& scheduler_;
  absl::flat_hash_map<std::uint64_t, Call*> calls_;  // each in its coroutine's frame

  std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t last_call_ ABSL_GUARDED_BY(mutex_) = 0;
  std::int64_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;

  Wakeup wakeup_;
  CompletionTag came_{wakeup_};
  grpc::Alarm alarm_;
  CallFrames frames_;  // destroyed first: the frames refer to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_LOCAL_INFER_CALLS_H_
