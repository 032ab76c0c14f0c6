// Everything that /metrics exports: owns the registry and writes the page.

#ifndef MLP_SERVER_OBSERVE_METRICS_H_
#define MLP_SERVER_OBSERVE_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "model/cpu/instruction_set.h"
#include "model/evaluator/evaluator.h"
#include "server/batching/rejection_reason.h"
#include "server/observe/activity_collector.h"
#include "server/observe/activity_totals.h"
#include "server/observe/loop_turns.h"
#include "server/observe/model_loads.h"
#include "server/observe/model_metrics.h"
#include "server/observe/model_statistics.h"
#include "server/observe/open_metrics.h"
#include "server/observe/process_collector.h"
#include "server/observe/refused_connections.h"
#include "server/observe/rejections.h"
#include "server/observe/row_watch.h"
#include "server/observe/shown_models.h"
#include "server/observe/thread_counts.h"
#include "server/observe/watch_collector.h"

namespace mlp {

// What one served model version reports to. Its series are exported while a copy exists.
struct ModelInstruments {
  std::shared_ptr<ModelMetrics> metrics;
  std::shared_ptr<ActivityTotals> activity;
  std::shared_ptr<ModelStatistics> statistics;
  std::shared_ptr<RowWatch> watch;
  // Combines the other four for threads that count in separate memory.
  std::shared_ptr<ModelSums> sums;
};

// Thread-safe. Must outlive everything that reports to it.
class Metrics final {
 public:
  Metrics(double saturation_epsilon, ActivityWindow window);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Exports how models are evaluated: the instruction set and the number of threads that share one
  // large batch.
  void AddEvaluator(InstructionSet instruction_set, int threads);

  // Exports `value()`, called for each page, as the metric `name`. `value` must be thread-safe and
  // callable as long as pages are written.
  void ShowValue(prometheus::MetricType type, const std::string& name, const std::string& help,
                 std::function<std::int64_t()> value) ABSL_LOCKS_EXCLUDED(mutex_);

  // Exports the families from `collect`. The requirements on `value` above apply to it.
  void ShowFamilies(std::function<std::vector<prometheus::MetricFamily>()> collect)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Exports a model version: its description immediately, its counters and histograms from its
  // first request on. If a version is loaded again while its instruments exist, its counters and
  // histograms continue; those of activations and watched rows restart at zero.
  ModelInstruments AddModel(const std::string& model, const std::string& version,
                            const Evaluator& evaluator) ABSL_LOCKS_EXCLUDED(mutex_);

  // The current state of the models.
  ShownModels& models() { return models_; }

  // Exports Triton's counters too. Call before the first Expose.
  void ShowTritonMetrics() { shows_triton_metrics_ = true; }

  // Counts a refused request that named no served model version, by the code sent to the client.
  // ModelMetrics counts all other refusals.
  void CountRefusalWithoutModel(RejectionReason reason, absl::StatusCode code) {
    rejections_without_model_.Count(reason);
    requests_without_model_.Count(code);
  }

  // Connections that were closed as soon as they were accepted.
  RefusedConnections& refused_connections() { return refused_connections_; }

  // Times that a relief thread took tags in place of a thread that gRPC kept polling.
  prometheus::Counter& loop_takeovers() { return loop_takeovers_; }

  // The durations of the serving loops' turns.
  LoopTurns& loop_turns() { return loop_turns_; }

  // The results of loading models.
  ModelLoads& model_loads() { return model_loads_; }

  // All metrics in Prometheus' text format, version 0.0.4.
  std::string Expose() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The same in OpenMetrics text format, version 1.0.0, with exemplars of request durations.
  std::string ExposeOpenMetrics() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What successive loads of one version share.
  struct ModelCounters {
    explicit ModelCounters(std::shared_ptr<Rejections> of_model)
        : rejections(std::move(of_model)), metrics(rejections) {}

    const std::shared_ptr<Rejections> rejections;  // all versions of a model share them
    ModelMetrics metrics;
    ModelStatistics statistics;
    std::vector<std::weak_ptr<ModelSums>> loads;  // guarded by mutex_
  };
  struct NamedCounters {
    std::string model;
    std::string version;
    std::shared_ptr<const ModelCounters> counters;
  };

  // All metrics at this moment. Fills `exemplars`.
  std::vector<prometheus::MetricFamily> Collect(FamilyExemplars& exemplars) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Adds what the threads have counted in separate memory.
  void AddUp() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The counters of versions that have had a request.
  std::vector<NamedCounters> CountersWithRequests() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Adds the samples of each model that has had a request.
  void CollectRejections(prometheus::MetricFamily& family) const ABSL_LOCKS_EXCLUDED(mutex_);
  // The rejections shared by the model's versions.
  std::shared_ptr<Rejections> RejectionsOf(const std::string& model) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropUnheldCounters() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<ModelCounters> CountersOf(const std::string& model, const std::string& version)
      ABSL_LOCKS_EXCLUDED(mutex_);

  struct ShownValue {
    prometheus::MetricType type;
    std::string name;
    std::string help;
    std::function<std::int64_t()> value;
  };
  std::vector<prometheus::MetricFamily> ValueFamilies() const ABSL_LOCKS_EXCLUDED(mutex_);
  // A copy, to be called without the lock.
  std::vector<std::function<std::vector<prometheus::MetricFamily>()>> ShownFamilies() const
      ABSL_LOCKS_EXCLUDED(mutex_);

  const ActivityWindow window_;
  bool shows_triton_metrics_ = false;
  prometheus::Registry registry_;
  ActivityCollector activity_;
  WatchCollector watch_;
  ProcessCollector process_;
  RequestCounters requests_without_model_;
  Rejections rejections_without_model_;
  RefusedConnections refused_connections_;
  prometheus::Counter& loop_takeovers_;  // owned by the registry
  mutable LoopTurns loop_turns_;         // reading a page adds up counts
  ModelLoads model_loads_;
  ShownModels models_;

  mutable std::mutex mutex_;
  // By model and version. Entries that nobody else holds are erased only under the lock, so a
  // version that is loaded again either keeps its counters or gets new ones.
  mutable std::map<std::pair<std::string, std::string>, std::shared_ptr<ModelCounters>> counters_
      ABSL_GUARDED_BY(mutex_);
  // How many entries there may be before AddModel drops those that nobody else holds.
  mutable std::size_t most_counters_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<ShownValue> values_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<std::vector<prometheus::MetricFamily>()>> shown_families_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_METRICS_H_
