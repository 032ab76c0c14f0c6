// Baseline work that takes too long for a serving thread: one job at a time, on a low-priority
// thread.

#ifndef MLP_SERVER_INSIGHT_BASELINE_JOBS_H_
#define MLP_SERVER_INSIGHT_BASELINE_JOBS_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"

namespace mlp {

// Thread-safe.
class BaselineJobs final {
 public:
  // Called once: with OK on the jobs' thread, to do the work there, or with an error on any thread.
  using Job = std::function<void(const absl::Status&)>;

  BaselineJobs() = default;
  // Cancels waiting jobs and waits for the running one.
  ~BaselineJobs();
  BaselineJobs(const BaselineJobs&) = delete;
  BaselineJobs& operator=(const BaselineJobs&) = delete;

  // Starts the thread. Call it once.
  void Start();

  // Cancels waiting jobs and all later ones with UNAVAILABLE. Does not wait.
  void BeginStop() ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether BeginStop was called. If so, the running job should end soon.
  bool stopped() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Queues a job that a client asked for. RESOURCE_EXHAUSTED if another such job is waiting.
  void Ask(Job job) ABSL_LOCKS_EXCLUDED(mutex_);

  // Queues a job of the server's own. There is no limit on these.
  void Add(Job job) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    Job job;
    bool asked_for;
  };

  void Queue(Waiting waiting) ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_BASELINE_JOBS_H_
