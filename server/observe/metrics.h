// Everything that /metrics shows: owns the registry and writes the exposition.

#ifndef MLP_SERVER_OBSERVE_METRICS_H_
#define MLP_SERVER_OBSERVE_METRICS_H_

#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "model/cpu/instruction_set.h"
#include "model/evaluator/evaluator.h"
#include "server/observe/activity_collector.h"
#include "server/observe/activity_totals.h"
#include "server/observe/model_metrics.h"
#include "server/observe/process_collector.h"

namespace mlp {

// What one served model version reports to.
struct ModelInstruments {
  std::unique_ptr<ModelMetrics> metrics;
  std::shared_ptr<ActivityTotals> activity;
};

// Thread-safe. Outlives everything that reports to it.
class Metrics final {
 public:
  Metrics(double saturation_epsilon, ActivityWindow window);

  // Shows what evaluates all models: the instruction set, and how many threads share one large
  // batch.
  void AddEvaluator(InstructionSet instruction_set, int threads);

  // Makes every series of a model version that is served, at zero.
  ModelInstruments AddModel(const std::string& model, const std::string& version,
                            const Evaluator& evaluator);

  // Shows a model version that was refused as not ready, and nothing else: no request can reach it.
  // `version` is empty for a model without any.
  void AddRefusedModel(const std::string& model, const std::string& version);

  // Requests that named no served model version.
  RequestCounters& unknown_model_requests() { return unknown_model_requests_; }

  // All metrics in Prometheus' text format, version 0.0.4.
  std::string Expose() const;

 private:
  const ActivityWindow window_;
  prometheus::Registry registry_;
  ActivityCollector activity_;
  ProcessCollector process_;
  RequestCounters unknown_model_requests_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_METRICS_H_
