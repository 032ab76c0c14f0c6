// The requests to load and unload models that wait, and those that are at work: one of each kind.
//
// A request waits for those of its model that came before it, and for no others. Thread-safe; each
// kind is taken by one thread.

#ifndef MLP_SERVER_MODELS_MODEL_REQUESTS_H_
#define MLP_SERVER_MODELS_MODEL_REQUESTS_H_

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

  // Told what became of a request, on any thread, once.
  using Done = std::function<void(const absl::Status&)>;

  enum class Kind { kLoad, kUnload };
  struct Request {
    Kind kind = Kind::kLoad;
    std::string model;
    std::size_t bytes = 0;  // of its files
    std::function<absl::Status()> run;
    Done done;
  };

  // `most_waiting_bytes`: of the files of the requests that wait together; a request that waits
  // alone may have more.
  explicit ModelRequests(std::size_t most_waiting_bytes);

  ModelRequests(const ModelRequests&) = delete;
  ModelRequests& operator=(const ModelRequests&) = delete;

  // Has `request` wait, or tells it the error: RESOURCE_EXHAUSTED where too many requests of its
  // kind or bytes of files wait already, UNAVAILABLE after Stop. Where it throws bad_alloc the
  // request does not wait, and is told nothing.
  void Add(Request request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether a load with files of so many bytes may wait beside those that wait now, or else
  // RESOURCE_EXHAUSTED.
  absl::Status CheckRoomFor(std::size_t bytes) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits for the first request of `kind` that waits for no other of its model, and takes it: it is
  // at work until it is answered. It comes without its `done`. None where there is none `until`
  // then, and after Stop.
  std::optional<Request> Take(Kind kind, Clock::time_point until) ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells the request of `kind` that is at work what became of it, if there is one.
  void Answer(Kind kind, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  // Gives up all requests, those at work among them, which are told so. Afterwards, no `done` is
  // called but by Add.
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

#endif  // MLP_SERVER_MODELS_MODEL_REQUESTS_H_
