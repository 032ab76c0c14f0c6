#include "server/insight/watched_models.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/drift/drift_judge.h"
#include "server/insight/drift_status.h"
#include "server/insight/findings.h"
#include "server/insight/layer_shapes.h"
#include "server/insight/network_text.h"
#include "server/insight/status_maker.h"

namespace mlp {
namespace {

// For the versions of one model. A version without a baseline is compared with one that has one.
void AddFindings(std::chrono::system_clock::time_point now,
                 const std::vector<std::vector<std::string>>& first_inputs,
                 absl::Span<StatusModel> versions) {
  const auto judged = std::find_if(versions.begin(), versions.end(), HasBaseline);
  const StatusModel* const other = judged == versions.end() ? nullptr : &*judged;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    versions[i].findings = FindingsOf(versions[i], now, first_inputs[i], other);
  }
}

}  // namespace

WatchedModels::WatchedModels(const ModelCatalog& models, LearningOptions learning,
                             spdlog::logger& log)
    : models_(models),
      learning_(std::move(learning)),
      log_(log),
      versions_(learning_.rows),
      last_look_(Clock::now()),
      looked_at_(WallClock::now()) {}

WatchedModels::Clock::time_point WatchedModels::HistoryTime(Clock::time_point now) const {
  return now + minutes_phase_.value_or(Clock::duration::zero());
}

bool WatchedModels::LookAt(const Key& key, const std::shared_ptr<const ServedModel>& served,
                           Clock::time_point now) {
  // Without the lock, because a batch may be in progress.
  served->instruments.sums->AddUp(now);
  const bool came = TakeSums(key, *served, now);
  const bool judged = JudgeWindows(key, *served, now);
  WarnOfBaseline(key, *served);
  if (came) Shape(key, *served, now);
  // Use no memory for rows of versions that get no requests.
  if (learning_.rows == 0 || !served->instruments.metrics->HadRequests()) return judged;
  std::shared_ptr<SelfBaseline> learning;
  {
    const std::lock_guard lock(mutex_);
    learning = versions_.at(key).learning;
  }
  absl::StatusOr<std::optional<std::vector<float>>> rows = learning->Look(*served);
  if (!rows.ok()) {
    log_.error("model '{}' version {}: {}", served->name, served->version,
               std::string(rows.status().message()));
  } else if (rows->has_value()) {
    learning_.learnt(served, **std::move(rows), std::move(learning));
  }
  return judged;
}

bool WatchedModels::TakeSums(const Key& key, const ServedModel& served, Clock::time_point now) {
  const ModelInstruments& instruments = served.instruments;
  {
    const std::lock_guard lock(mutex_);
    VersionHistory& history = versions_.at(key).history;
    if (history.requests() == instruments.metrics->requests()) {
      history.AddNothing(HistoryTime(now));
      return false;
    }
  }
  TrafficSums traffic;
  instruments.metrics->ReadTraffic(traffic);
  const ActivitySummary activity = instruments.activity->Read(now);
  const WatchSums watched = instruments.watch->Read().sums;
  const std::lock_guard lock(mutex_);
  versions_.at(key).history.Add(
      traffic, activity,
      {watched.rows, watched.out_of_range_rows, watched.missing_rows, watched.not_finite_rows},
      HistoryTime(now));
  return true;
}

void WatchedModels::Shape(const Key& key, const ServedModel& served, Clock::time_point now) {
  // Skip the work unless someone recently read the status.
  constexpr std::chrono::seconds kStillAsked(60);
  constexpr std::chrono::seconds kInterval(10);
  {
    const std::lock_guard lock(mutex_);
    FollowedVersion& version = versions_.at(key);
    if (now - asked_at_ > kStillAsked) return;
    if (version.shapes != nullptr && now - version.shaped_at < kInterval) return;
    version.shaped_at = now;
  }
  auto shapes = std::make_shared<const std::vector<StatusShape>>(
      ShapesOf(*served.evaluator, served.instruments.watch->sample().Recent()));
  const std::lock_guard lock(mutex_);
  versions_.at(key).shapes = std::move(shapes);
}

void WatchedModels::WarnOfBaseline(const Key& key, const ServedModel& served) {
  const std::shared_ptr<const Baseline> baseline = served.baseline->Get();
  {
    const std::lock_guard lock(mutex_);
    FollowedVersion& version = versions_.at(key);
    if (version.warned_of == baseline) return;
    version.warned_of = baseline;
  }
  if (baseline == nullptr) return;
  const std::optional<std::string> warning =
      LargeWindowWarning(baseline->rows, served.instruments.activity->window_rows());
  if (warning.has_value()) {
    log_.warn("model '{}' version {}: {}", served.name, served.version, *warning);
  }
}

bool WatchedModels::JudgeWindows(const Key& key, const ServedModel& served, Clock::time_point now) {
  std::shared_ptr<ModelInsight> insight;
  {
    const std::lock_guard lock(mutex_);
    insight = versions_.at(key).insight;
  }
  bool any = false;
  constexpr int kMaxAlarmLines = 8;  // a network may have a thousand layers
  int alarms = 0;
  std::vector<StatusRow> rows;  // of the network, filled at the first judgement
  const auto judged = [&](const TargetDrift& drift, bool alarm) {
    log_.debug(
        "model '{}' version {}: {} in a window of {} rows: drift ratio {:.5g}, effect {:.5g}",
        served.name, served.version, drift.layer, drift.rows, drift.ratio, drift.effect);
    if (alarm && alarms < kMaxAlarmLines) {
      log_.warn(
          "model '{}' version {}: {} drifts: ratio {:.2f}, the second window in a row above 1",
          served.name, served.version, drift.layer, drift.ratio);
    }
    if (rows.empty()) rows = StatusRowsOf(*served.network);
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const StatusRow& candidate) {
      return candidate.name == drift.layer;
    });
    any = true;
    const std::lock_guard lock(mutex_);
    VersionHistory& history = versions_.at(key).history;
    history.AddRatio(static_cast<std::size_t>(row - rows.begin()), drift.ratio, HistoryTime(now));
    if (alarm && alarms++ == 0) history.Mark("drift alarm: " + drift.layer, HistoryTime(now));
  };
  insight->Judge(*served.network, *served.instruments.activity, *served.instruments.watch, now,
                 judged);
  return any;
}

bool WatchedModels::Look(Clock::time_point now, WallClock::time_point wall_clock) {
  const std::lock_guard looking(looking_mutex_);
  busy_.clear();
  std::vector<std::pair<Key, std::weak_ptr<const ServedModel>>> versions;
  {
    const std::lock_guard lock(mutex_);
    if (!minutes_phase_.has_value()) {
      minutes_phase_ = wall_clock.time_since_epoch() % std::chrono::minutes(1) -
                       now.time_since_epoch() % std::chrono::minutes(1);
    }
    if (const std::int64_t generation = models_.generation(); generation != generation_) {
      versions_.Follow(*models_.Get(), HistoryTime(now));
      generation_ = generation;
    }
    for (const auto& [key, version] : versions_.all()) versions.emplace_back(key, version.served);
  }
  for (const auto& [key, version] : versions) {
    const std::shared_ptr<const ServedModel> served = version.lock();
    if (served != nullptr && LookAt(key, served, now)) busy_.push_back(key);
  }
  const std::lock_guard lock(mutex_);
  last_look_ = now;
  looked_at_ = wall_clock;
  return !busy_.empty();
}

bool WatchedModels::JudgeAgain(Clock::time_point now) {
  const std::lock_guard looking(looking_mutex_);
  std::vector<Key> still_busy;
  for (const Key& key : busy_) {
    std::shared_ptr<const ServedModel> served;
    {
      const std::lock_guard lock(mutex_);
      served = versions_.at(key).served.lock();
    }
    if (served == nullptr) continue;
    served->instruments.sums->AddUp(now);
    if (JudgeWindows(key, *served, now)) still_busy.push_back(key);
  }
  busy_ = std::move(still_busy);
  return !busy_.empty();
}

std::vector<StatusModel> WatchedModels::Statuses() const {
  const std::shared_ptr<const ModelTable> table = models_.Get();
  std::vector<StatusModel> statuses;
  const std::lock_guard lock(mutex_);
  asked_at_ = last_look_;
  for (const auto& [name, model] : table->models()) {
    std::vector<std::vector<std::string>> first_inputs;  // of each version
    const std::size_t first = statuses.size();
    for (auto it = model.versions.rbegin(); it != model.versions.rend(); ++it) {
      const ModelRecord& record = it->second;
      StatusModel& status = statuses.emplace_back(StatusOfRecord(model, record));
      std::vector<std::string>& inputs = first_inputs.emplace_back();
      const auto found = versions_.all().find({name, it->first});
      if (record.served == nullptr || found == versions_.all().end()) continue;
      const FollowedVersion& version = found->second;
      AddHistory(*record.served, version.history, HistoryTime(last_look_), status);
      AddDrift(*record.served, *version.insight, version.history, HistoryTime(last_look_), status);
      AddLearning(*version.learning, status);
      if (version.shapes != nullptr) AddShapes(*record.served, *version.shapes, status);
      for (const Shift& shift : version.insight->first_inputs()) {
        inputs.push_back(InputValueName(*record.served->network, shift.index));
      }
    }
    AddFindings(looked_at_, first_inputs, {statuses.data() + first, statuses.size() - first});
  }
  return statuses;
}

std::vector<VersionDrift> WatchedModels::Drifts() const {
  std::vector<VersionDrift> drifts;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, version] : versions_.all()) {
    std::shared_ptr<const ServedModel> served = version.served.lock();
    if (served == nullptr) continue;
    std::shared_ptr<const Baseline> baseline = served->baseline->Get();
    drifts.push_back({std::move(served), std::move(baseline), version.insight->Drift(),
                      version.learning->learnt_rows()});
  }
  return drifts;
}

std::shared_ptr<const ModelInsight> WatchedModels::InsightOf(const ServedModel& served) const {
  const std::lock_guard lock(mutex_);
  const Key* const key = versions_.KeyOf(served);
  return key == nullptr ? nullptr : versions_.at(*key).insight;
}

std::string WatchedModels::LearningOf(const ServedModel& served) const {
  const std::lock_guard lock(mutex_);
  const Key* const key = versions_.KeyOf(served);
  return key == nullptr ? std::string() : versions_.at(*key).learning->Text();
}

void WatchedModels::Mark(const ServedModel& served, std::string what) {
  const std::lock_guard lock(mutex_);
  const Key* const key = versions_.KeyOf(served);
  if (key != nullptr) versions_.at(*key).history.Mark(std::move(what), HistoryTime(last_look_));
}

WatchedModels::WallClock::time_point WatchedModels::looked_at() const {
  const std::lock_guard lock(mutex_);
  return looked_at_;
}

}  // namespace mlp
