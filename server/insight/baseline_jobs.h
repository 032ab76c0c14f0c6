// Work on baselines that takes longer than anybody who serves may wait: one at a time, on a thread
// of low priority.

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
  // Called once: with OK on the thread of the jobs, where the work is done, or with an error, on
  // any thread.
  using Job = std::function<void(const absl::Status&)>;

  BaselineJobs() = default;
  // Gives up what waits, and waits for the job that is at work.
  ~BaselineJobs();
  BaselineJobs(const BaselineJobs&) = delete;
  BaselineJobs& operator=(const BaselineJobs&) = delete;

  // Starts the thread. Call it once.
  void Start();

  // Gives up what waits and what is asked for from now on, with UNAVAILABLE. Does not wait.
  void BeginStop() ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether BeginStop was called: work under way is to end soon.
  bool stopped() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Queues a job that somebody asks for: RESOURCE_EXHAUSTED where another one waits already.
  void Ask(Job job) ABSL_LOCKS_EXCLUDED(mutex_);

  // Queues a job of the server's own, however many wait.
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
