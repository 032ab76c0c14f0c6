// Inference requests that other threads of the process hand to a worker, beside those that gRPC
// brings: as bytes of the same message, through the same admission, queues and batches.

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

// What came of a request.
struct LocalAnswer {
  absl::Status status;
  grpc::ByteBuffer bytes;  // a ModelInferResponse, where the status is OK
  HeldAnswer held;         // to be kept until the client has the answer
  // Why the status is an error, where no metric has counted it: it came to no worker.
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
  // Called once, on any thread, which it must not keep. It must not throw.
  std::function<void(LocalAnswer)> done;
};

// Belongs to the loop's thread, but for what says otherwise.
class LocalInferCalls final {
 public:
  using Clock = BatchScheduler::Clock;

  // Both must outlive the calls.
  LocalInferCalls(CompletionLoop& loop, BatchScheduler& scheduler);
  ~LocalInferCalls();

  // The call of a request that was refused at once, which Cancel passes over.
  static constexpr std::uint64_t kRefusedCall = 0;

  // Before the loop runs.
  void Post();

  // Has the request answered, by the loop's thread; at once, on the caller's, with UNAVAILABLE
  // after Close and with RESOURCE_EXHAUSTED without memory. Gives what Cancel takes. Thread-safe,
  // from Post until the loop is stopped.
  std::uint64_t Submit(LocalRequest request) ABSL_LOCKS_EXCLUDED(mutex_);

  // The client has gone: the request is answered with CANCELLED unless it is evaluated already. One
  // that was answered is passed over. Thread-safe, as Submit.
  void Cancel(std::uint64_t call) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes no more, and waits until all are answered. Those that are not at `deadline` are
  // cancelled. For another thread than the loop's, before the loop is stopped.
  void Close(Clock::time_point deadline) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Call;

  struct Entry {
    enum class Kind { kRequest, kCancel, kCancelAll };

    std::uint64_t call = kRefusedCall;
    Kind kind = Kind::kRequest;  // the others bring no request
    LocalRequest request;
  };

  // Takes what other threads have brought, each time that they have woken the loop.
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
  CallFrames frames_;  // goes first: what is in the frames refers to all of the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_LOCAL_INFER_CALLS_H_
