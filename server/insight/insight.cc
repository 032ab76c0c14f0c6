#include "server/insight/insight.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/insight/baseline_jobs.h"
#include "server/insight/baseline_maker.h"
#include "server/insight/drift_families.h"
#include "server/insight/input_rows.h"
#include "server/insight/watched_models.h"
#include "server/low_priority.h"
#include "server/served_models/without_exceptions.h"

namespace mlp {
namespace {

// The interval at which all models are looked at.
constexpr std::chrono::seconds kLookInterval(1);

// The delay until the next look for windows if the last look found one.
constexpr std::chrono::milliseconds kNextWindow(25);

}  // namespace

class Insight::Impl final {
 public:
  Impl(InsightOptions options, const ModelCatalog& models, Metrics& metrics, spdlog::logger& log)
      : options_(std::move(options)),
        models_(models),
        log_(log),
        started_(std::chrono::system_clock::now()),
        watched_(models,
                 {options_.self_baseline_rows,
                  [this](auto served, auto rows, auto learning) {
                    Learn(std::move(served), std::move(rows), std::move(learning));
                  }},
                 log) {
    metrics.ShowFamilies([this] { return DriftFamilies(watched_.Drifts()); });
  }

  ~Impl() {
    jobs_.BeginStop();
    Stop();
    if (looker_.joinable()) looker_.join();
  }

  void Start() {
    jobs_.Start();
    looker_ = std::thread([this] { RunLookLoop(); });
  }

  void Stop() ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }

  void BeginStop() { jobs_.BeginStop(); }

  WatchedModels& watched() { return watched_; }

  absl::StatusOr<std::shared_ptr<const ServedModel>> Find(const std::string& model,
                                                          const std::string& version) const {
    return models_.Get()->Find(model, version);
  }

  void Calibrate(CalibrationRequest request, Done done);
  void AcceptWindows(const std::string& model, const std::string& version, Done done);

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
  void RunLookLoop() ABSL_LOCKS_EXCLUDED(mutex_) {
    YieldToServing();
    auto next_look = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      lock.unlock();
      const auto now = std::chrono::steady_clock::now();
      const bool due = now >= next_look;
      if (due) next_look = now + kLookInterval;
      bool more = false;
      // If memory runs out, the next look makes up for this one.
      WithoutExceptions([&] {
        more =
            due ? watched_.Look(now, std::chrono::system_clock::now()) : watched_.JudgeAgain(now);
        return absl::OkStatus();
      }).IgnoreError();
      const auto next = more ? std::min(next_look, now + kNextWindow) : next_look;
      lock.lock();
      wake_.wait_until(lock, next, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopped_; });
    }
  }

  // Makes a baseline from rows of live traffic.
  void Learn(std::shared_ptr<const ServedModel> served, std::vector<float> rows,
             std::shared_ptr<SelfBaseline> learning);

  // Logs and marks that a baseline came into force.
  void LogBaseline(const ServedModel& served, const VersionBaseline& made, const char* what) {
    watched_.Mark(served, what);
    log_.info("model '{}' version {}: {}, {} rows", served.name, served.version, what,
              made.baseline->rows);
  }

  const InsightOptions options_;
  const ModelCatalog& models_;
  spdlog::logger& log_;
  const std::chrono::system_clock::time_point started_;
  WatchedModels watched_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread looker_;
  BaselineJobs jobs_;  // destroyed first: its jobs use the other members
};

void Insight::Impl::Calibrate(CalibrationRequest request, Done done) {
  const auto served = Find(request.model, request.version);
  if (!served.ok()) return done(served.status());
  const absl::Status fits = CheckCalibrationRows(*(*served)->network, request.rows, request.inputs);
  if (!fits.ok()) return done(fits);
  // std::function must be copyable.
  const auto shared = std::make_shared<const CalibrationRequest>(std::move(request));
  jobs_.Ask([this, served = *served, shared, done = std::move(done)](const absl::Status& asked) {
    if (!asked.ok()) return done(asked);
    absl::StatusOr<VersionBaseline> made = WithinMemory([&]() -> absl::StatusOr<VersionBaseline> {
      auto baseline =
          CalibrateVersion(*served, shared->rows, shared->inputs, BaselineSource::kCalibration,
                           [&] { return jobs_.stopped() || shared->cancelled(); });
      if (!baseline.ok() || !shared->install) return baseline;
      // Another load may serve the version by now.
      const auto now = Find(shared->model, absl::StrCat(served->version));
      if (!now.ok() || (*now)->baseline != served->baseline) {
        return absl::AbortedError("the version was reloaded or withdrawn meanwhile");
      }
      served->baseline->Set(baseline->baseline);
      LogBaseline(*served, *baseline, "baseline installed");
      return baseline;
    });
    if (!made.ok() && jobs_.stopped()) made = absl::UnavailableError("the server is stopping");
    done(std::move(made));
  });
}

void Insight::Impl::AcceptWindows(const std::string& model, const std::string& version, Done done) {
  const auto served = Find(model, version);
  if (!served.ok()) return done(served.status());
  jobs_.Ask([this, served = *served, done = std::move(done)](const absl::Status& asked) {
    if (!asked.ok()) return done(asked);
    done(WithinMemory([&]() -> absl::StatusOr<VersionBaseline> {
      const std::shared_ptr<const ModelInsight> insight = watched_.InsightOf(*served);
      if (insight == nullptr) {
        return absl::FailedPreconditionError(
            "the version was only just loaded; try again in a second");
      }
      absl::StatusOr<ModelInsight::Accepted> accepted = insight->Accept();
      if (!accepted.ok()) return accepted.status();
      absl::StatusOr<VersionBaseline> accepted_baseline =
          WithFile(*served, std::move(accepted->baseline));
      if (!accepted_baseline.ok()) return accepted_baseline;
      if (!served->baseline->Replace(accepted->old_baseline, accepted_baseline->baseline)) {
        return absl::AbortedError("another baseline came into force meanwhile");
      }
      LogBaseline(*served, *accepted_baseline, "baseline accepted");
      return accepted_baseline;
    }));
  });
}

Insight::Insight(InsightOptions options, const ModelCatalog& models, Metrics& metrics,
                 spdlog::logger& log)
    : impl_(std::make_unique<Impl>(std::move(options), models, metrics, log)) {}

Insight::~Insight() = default;

void Insight::Start() { impl_->Start(); }

void Insight::BeginStop() { impl_->BeginStop(); }

void Insight::Look(std::chrono::steady_clock::time_point now,
                   std::chrono::system_clock::time_point wall_clock) {
  impl_->watched().Look(now, wall_clock);
}

Status Insight::MakeStatus() const { return impl_->MakeStatus(); }

void Insight::Impl::Learn(std::shared_ptr<const ServedModel> served, std::vector<float> rows,
                          std::shared_ptr<SelfBaseline> learning) {
  const auto shared = std::make_shared<const std::vector<float>>(std::move(rows));
  jobs_.Add([this, served = std::move(served), shared,
             learning = std::move(learning)](const absl::Status& asked) {
    if (!asked.ok()) return;
    const auto learnt = WithinMemory([&]() -> absl::StatusOr<VersionBaseline> {
      absl::StatusOr<VersionBaseline> made = CalibrateVersion(
          *served, learning->wanted_rows(), SplitByInput(*served->network, *shared),
          BaselineSource::kLiveTraffic, [this] { return jobs_.stopped(); });
      if (!made.ok() || !served->baseline->Replace(nullptr, made->baseline)) return made;
      for (const std::string& warning : made->warnings) {
        log_.warn("model '{}' version {}: {}", served->name, served->version, warning);
      }
      LogBaseline(*served, *made, "baseline learnt");
      return made;
    });
    if (!learnt.ok()) {
      log_.error("model '{}' version {}: no baseline could be learnt: {}", served->name,
                 served->version, std::string(learnt.status().message()));
    }
    learning->End();
  });
}

absl::StatusOr<VersionBaseline> Insight::BaselineOf(const std::string& model,
                                                    const std::string& version) const {
  const auto served = impl_->Find(model, version);
  if (!served.ok()) return served.status();
  std::shared_ptr<const Baseline> baseline = (*served)->baseline->Get();
  if (baseline == nullptr) {
    const std::string refused = (*served)->baseline->refused();
    const std::string learning = impl_->watched().LearningOf(**served);
    return absl::FailedPreconditionError(absl::StrCat(
        "model ", Quote((*served)->name), " version ", (*served)->version, " has no baseline",
        refused.empty() ? "" : absl::StrCat(": the one next to the model was refused: ", refused),
        learning.empty() ? "; mlp-client calibrate makes one" : absl::StrCat("; ", learning)));
  }
  return WithinMemory([&] { return WithFile(**served, std::move(baseline)); });
}

void Insight::Calibrate(CalibrationRequest request, Done done) {
  impl_->Calibrate(std::move(request), std::move(done));
}

void Insight::AcceptWindows(const std::string& model, const std::string& version, Done done) {
  impl_->AcceptWindows(model, version, std::move(done));
}

}  // namespace mlp
