// The requests to load and unload models: those that wait, and one of each kind that is at work.
//
// A request waits for those of its model that came before it, and for no others. Thread-safe; each
// kind is taken by one thread.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_REQUESTS_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_REQUESTS_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"

namespace mlp {

class ModelRequests final {
 public:
  // Of each kind: those beyond are refused.
  static constexpr int kMostWaiting = 64;

  using Clock = std::chrono::steady_clock;

  // Does what a request asks for.
  using Work = std::function<absl::Status()>;

  // Called once for each request with its outcome, on any thread.
  using Done = std::function<void(const absl::Status&)>;

  enum class Kind { kLoad, kUnload };
  struct Request {
    Kind kind = Kind::kLoad;
    std::string model;
    std::size_t bytes = 0;  // of its files
    Work work;
    Done done;
  };

  // `most_waiting_bytes`: of the files of the requests that wait together; a request that waits
  // alone may have more.
  explicit ModelRequests(std::size_t most_waiting_bytes);

  ModelRequests(const ModelRequests&) = delete;
  ModelRequests& operator=(const ModelRequests&) = delete;

  // Queues `request`, or calls its `done` with the error: RESOURCE_EXHAUSTED if too many requests
  // of its kind or bytes of files wait already, UNAVAILABLE after Stop. If this throws bad_alloc,
  // the request is not queued and `done` is not called.
  void Add(Request request) ABSL_LOCKS_EXCLUDED(mutex_);

  // OK if files of `bytes` more may wait now, and else RESOURCE_EXHAUSTED.
  absl::Status CheckRoomFor(std::size_t bytes) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits for the first request of `kind` that waits for no other of its model, and gives its work:
  // the request is at work until it is answered. Nothing where none came `until` then, and after
  // Stop. Allocates nothing, so that no request is lost where there is no memory.
  std::optional<Work> Take(Kind kind, Clock::time_point until) ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `done` of the request of `kind` that is at work, if there is one: it is over.
  void Answer(Kind kind, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  // Gives up all requests, those at work among them: calls each `done` with UNAVAILABLE.
  // Afterwards, only Add calls a `done`.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopped() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `call`, which must not call this object, unless Stop was called; whether it did. Stop
  // waits for it.
  bool CallUnlessStopped(const std::function<void()>& call) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // A request whose answer Stop may give before.
  struct AtWork {
    std::optional<std::string> model;
    Done done;
  };

  absl::Status TryAdd(Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckWaitingBytes(std::size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The request that Take takes, or the end.
  std::deque<Request>::iterator NextOf(Kind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  AtWork& at_work(Kind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return kind == Kind::kLoad ? load_at_work_ : unload_at_work_;
  }

  const std::size_t most_waiting_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> waiting_ ABSL_GUARDED_BY(mutex_);
  AtWork load_at_work_ ABSL_GUARDED_BY(mutex_);
  AtWork unload_at_work_ ABSL_GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // the sum over waiting_
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_REQUESTS_H_
