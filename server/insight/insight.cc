#include "server/insight/insight.h"

#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "server/insight/watched_models.h"
#include "server/served_models/without_exceptions.h"

namespace mlp {
namespace {

// How often all models are looked at.
constexpr std::chrono::seconds kLookInterval(1);

// Serving goes before looking at it.
constexpr int kInsightNiceness = 10;

void YieldToServing() {
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kInsightNiceness);
}

}  // namespace

class Insight::Impl final {
 public:
  Impl(InsightOptions options, const ModelCatalog& models, Metrics& metrics, spdlog::logger& log)
      : options_(std::move(options)),
        started_(std::chrono::system_clock::now()),
        watched_(models, log) {
    metrics.ShowFamilies([this] { return DriftFamilies(watched_.Drifts()); });
  }

  ~Impl() {
    Stop();
    if (looker_.joinable()) looker_.join();
  }

  void Start() {
    looker_ = std::thread([this] { LookOnAndOn(); });
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }

  WatchedModels& watched() { return watched_; }

  Status MakeStatus() const {
    Status status;
    status.now = watched_.looked_at();
    status.started = started_;
    status.server_version = options_.server_version;
    status.ready = options_.ready();
    status.models = watched_.Statuses();
    return status;
  }

 private:
  void LookOnAndOn() ABSL_LOCKS_EXCLUDED(mutex_) {
    YieldToServing();
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      lock.unlock();
      // Without memory, the next look has what this one lacks.
      WithoutExceptions([this] {
        watched_.Look(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
        return absl::OkStatus();
      }).IgnoreError();
      lock.lock();
      const auto next = std::chrono::steady_clock::now() + kLookInterval;
      wake_.wait_until(lock, next, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopped_; });
    }
  }

  const InsightOptions options_;
  const std::chrono::system_clock::time_point started_;
  WatchedModels watched_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread looker_;
};

Insight::Insight(InsightOptions options, const ModelCatalog& models, Metrics& metrics,
                 spdlog::logger& log)
    : impl_(std::make_unique<Impl>(std::move(options), models, metrics, log)) {}

Insight::~Insight() = default;

void Insight::Start() { impl_->Start(); }

void Insight::BeginStop() { impl_->Stop(); }

void Insight::Look(std::chrono::steady_clock::time_point now,
                   std::chrono::system_clock::time_point wall_clock) {
  impl_->watched().Look(now, wall_clock);
}

Status Insight::MakeStatus() const { return impl_->MakeStatus(); }

}  // namespace mlp
