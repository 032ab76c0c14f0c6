// Everything that /metrics shows: owns the registry and writes the exposition.

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
#include "server/observe/process_collector.h"
#include "server/observe/refused_connections.h"
#include "server/observe/rejections.h"
#include "server/observe/row_watch.h"
#include "server/observe/shown_models.h"
#include "server/observe/thread_counts.h"
#include "server/observe/watch_collector.h"

namespace mlp {

// What one served model version reports to. Its series are shown while a copy of it exists.
struct ModelInstruments {
  std::shared_ptr<ModelMetrics> metrics;
  std::shared_ptr<ActivityTotals> activity;
  std::shared_ptr<ModelStatistics> statistics;
  std::shared_ptr<RowWatch> watch;
  // The four, for threads that count for themselves.
  std::shared_ptr<ModelSums> sums;
};

// Thread-safe. Outlives everything that reports to it.
class Metrics final {
 public:
  Metrics(double saturation_epsilon, ActivityWindow window);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Shows what evaluates all models: the instruction set, and how many threads share one large
  // batch.
  void AddEvaluator(InstructionSet instruction_set, int threads);

  // Shows `value`, which is called for each page, as the metric `name`. `value` must be thread-safe
  // and callable as long as pages are written.
  void ShowValue(prometheus::MetricType type, const std::string& name, const std::string& help,
                 std::function<std::int64_t()> value) ABSL_LOCKS_EXCLUDED(mutex_);

  // Shows what `collect` gives, which is as `value` is above.
  void ShowFamilies(std::function<std::vector<prometheus::MetricFamily>()> collect)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Shows a model version: what it is at once, its counters and histograms from its first request
  // on. A version that is loaded again while instruments of it exist keeps its counters and
  // histograms; those of activations and of watched rows begin again at
  // zero.
  ModelInstruments AddModel(const std::string& model, const std::string& version,
                            const Evaluator& evaluator) ABSL_LOCKS_EXCLUDED(mutex_);

  // What the models are at the moment.
  ShownModels& models() { return models_; }

  // Shows the counters that Triton has, too. Before the first Expose.
  void ShowTritonMetrics() { shows_triton_metrics_ = true; }

  // Counts a refused request that named no served model version, and the code that its client gets.
  // ModelMetrics counts the others.
  void CountRefusalWithoutModel(RejectionReason reason, absl::StatusCode code) {
    rejections_without_model_.Count(reason);
    requests_without_model_.Count(code);
  }

  // Connections that were closed as soon as they had come.
  RefusedConnections& refused_connections() { return refused_connections_; }

  // Times that a thread took tags in place of one that gRPC kept.
  prometheus::Counter& loop_takeovers() { return loop_takeovers_; }

  // How long the turns of the serving loops take.
  LoopTurns& loop_turns() { return loop_turns_; }

  // What became of loading models.
  ModelLoads& model_loads() { return model_loads_; }

  // All metrics in Prometheus' text format, version 0.0.4.
  std::string Expose() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // What loads of one version share, one after the other.
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

  // Adds what threads have counted for themselves.
  void AddUp() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Those of the versions that were asked.
  std::vector<NamedCounters> AskedCounters() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Adds the samples of each model of which a version was asked.
  void CollectRejections(prometheus::MetricFamily& family) const ABSL_LOCKS_EXCLUDED(mutex_);
  // Those that the versions of the model share.
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
  // What to collect, without the lock.
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
  prometheus::Counter& loop_takeovers_;  // of the registry
  mutable LoopTurns loop_turns_;         // a page adds up
  ModelLoads model_loads_;
  ShownModels models_;

  mutable std::mutex mutex_;
  // By model and version. It owns them, and lets go of those that nobody else holds, under the lock
  // alone: a version that is loaded again either goes on with them or has others.
  mutable std::map<std::pair<std::string, std::string>, std::shared_ptr<ModelCounters>> counters_
      ABSL_GUARDED_BY(mutex_);
  // How many there may be before AddModel drops those that nobody holds.
  mutable std::size_t most_counters_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<ShownValue> values_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<std::vector<prometheus::MetricFamily>()>> shown_families_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_METRICS_H_
