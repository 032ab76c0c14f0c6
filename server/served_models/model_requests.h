// The requests to load and unload models: the waiting ones, and at most one of each kind under way.
//
// A request waits for the earlier requests of its model, and for no others. Thread-safe; one thread
// takes the requests of each kind.

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
  // The most waiting requests of each kind; further ones are refused.
  static constexpr int kMaxWaiting = 64;

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

  // `most_waiting_bytes`: the most bytes of files of all waiting requests together. A request that
  // waits alone may have more.
  explicit ModelRequests(std::size_t most_waiting_bytes);

  ModelRequests(const ModelRequests&) = delete;
  ModelRequests& operator=(const ModelRequests&) = delete;

  // Queues `request`, or calls its `done` with the error: RESOURCE_EXHAUSTED if too many requests
  // of its kind or bytes of files already wait, UNAVAILABLE after Stop. If this throws bad_alloc,
  // the request is not queued and `done` is not called.
  void Add(Request request) ABSL_LOCKS_EXCLUDED(mutex_);

  // OK if files of `bytes` more may wait now, otherwise RESOURCE_EXHAUSTED.
  absl::Status CheckRoomFor(std::size_t bytes) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits for the first request of `kind` that waits for no other of its model, and returns its
  // work. The request is then under way until Answer. Returns nullopt if there is none by `until`,
  // and after Stop. Allocates nothing, so that no request is lost when memory runs out.
  std::optional<Work> Take(Kind kind, Clock::time_point until) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the request of `kind` that is under way, if there is one: calls its `done`.
  void Answer(Kind kind, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  // Gives up all requests, including those under way: calls each `done` with UNAVAILABLE.
  // Afterwards, only Add calls a `done`.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopped() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `call` unless Stop was called, and returns whether it did. Stop waits for `call`, which
  // must not use this object.
  bool CallUnlessStopped(const std::function<void()>& call) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // A request under way. Stop may answer it first.
  struct AtWork {
    std::optional<std::string> model;
    Done done;
  };

  absl::Status TryAdd(Request& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckWaitingBytes(std::size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The request that Take takes next, or the end.
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
