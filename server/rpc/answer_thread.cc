#include "server/rpc/answer_thread.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/low_priority.h"
#include "server/memory_room.h"
#include "server/rpc/message_bytes.h"

namespace mlp {

AnswerThread::AnswerThread() {
  thread_ = std::thread([this] { Run(); });
}

AnswerThread::~AnswerThread() { Stop(); }

void AnswerThread::Add(Work work, Done done) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      refused = absl::UnavailableError("the server is stopping");
    } else if (waiting_.size() >= kMaxWaiting) {
      refused = absl::ResourceExhaustedError(
          absl::StrCat(kMaxWaiting, " requests for long answers are already waiting"));
    } else {
      waiting_.push_back({std::move(work), std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(refused);
}

std::optional<AnswerThread::Job> AnswerThread::Take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock,
             [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopped_ || !waiting_.empty(); });
  if (stopped_) return std::nullopt;
  Job job = std::move(waiting_.front());
  waiting_.pop_front();
  return job;
}

void AnswerThread::Run() {
  YieldToServing();
  while (const std::optional<Job> job = Take()) {
    const RefusableWork may_fail;
    job->done(RefuseWithoutMemory(job->work));
  }
}

void AnswerThread::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  std::deque<Job> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(waiting_);
  }
  for (const Job& job : left) job.done(absl::UnavailableError("the server is stopping"));
}

}  // namespace mlp
