// The metrics of one served model version, with every series resolved when the model is loaded:
// serving looks up nothing by name.

#ifndef MLP_SERVER_OBSERVE_MODEL_METRICS_H_
#define MLP_SERVER_OBSERVE_MODEL_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mlp {

// Requests counted by the code of their answer: mlp_requests_total.
class RequestCounters final {
 public:
  // `labels` are those beside `code`. The registry must outlive this.
  RequestCounters(prometheus::Registry& registry, const std::map<std::string, std::string>& labels);

  // Thread-safe. A code that no answer of ours has is counted as UNKNOWN.
  void Count(absl::StatusCode code);

 private:
  std::array<prometheus::Counter*, 17> by_code_;
};

// mlp_model_ready of one model version, made at 0.
prometheus::Gauge& ReadyGauge(prometheus::Registry& registry, const std::string& model,
                              const std::string& version);

// Thread-safe. The rows are counted by ActivityTotals.
class ModelMetrics final {
 public:
  // The registry must outlive this.
  ModelMetrics(prometheus::Registry& registry, const std::string& model,
               const std::string& version);

  void CountRequest(absl::StatusCode code) { requests_.Count(code); }
  void ObserveRequest(absl::Duration request_duration, absl::Duration queue_duration);
  void ObserveBatch(std::int64_t rows, absl::Duration compute_duration);
  void SetReady(bool ready);

 private:
  RequestCounters requests_;
  prometheus::Histogram& request_duration_seconds_;
  prometheus::Histogram& queue_duration_seconds_;
  prometheus::Histogram& compute_duration_seconds_;
  prometheus::Histogram& batch_rows_;
  prometheus::Gauge& ready_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_METRICS_H_
