// A thread for answers that would keep an evaluating thread too long: texts of megabytes.

#ifndef MLP_SERVER_RPC_ANSWER_THREAD_H_
#define MLP_SERVER_RPC_ANSWER_THREAD_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"

namespace mlp {

// Thread-safe.
class AnswerThread final {
 public:
  static constexpr std::size_t kMaxWaiting = 64;

  // Makes an answer. Must not wait for anything.
  using Work = std::function<absl::Status()>;

  // Called once with what the work has returned, on any thread.
  using Done = std::function<void(const absl::Status&)>;

  AnswerThread();
  ~AnswerThread();
  AnswerThread(const AnswerThread&) = delete;
  AnswerThread& operator=(const AnswerThread&) = delete;

  // Runs `work` after the work added earlier, or calls `done` with the error: RESOURCE_EXHAUSTED if
  // too much already waits, UNAVAILABLE after Stop. Work that runs out of memory ends with
  // RESOURCE_EXHAUSTED. If this throws bad_alloc, `done` is not called.
  void Add(Work work, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits for the work under way, and gives up waiting work with UNAVAILABLE. Every `done` has been
  // called when this returns.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Job {
    Work work;
    Done done;
  };

  void Run();
  std::optional<Job> Take() ABSL_LOCKS_EXCLUDED(mutex_);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last, because it uses the above
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_THREAD_H_
