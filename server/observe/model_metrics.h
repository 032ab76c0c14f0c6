// The metrics of one served model version. Serving looks up nothing by name: a version has its
// counters and histograms from its load on, and they are shown from its first request on.

#ifndef MLP_SERVER_OBSERVE_MODEL_METRICS_H_
#define MLP_SERVER_OBSERVE_MODEL_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace mlp {

// The families that the samples of all versions are collected into, for one page.
struct ModelFamilies {
  ModelFamilies();

  // All of them.
  std::vector<prometheus::MetricFamily> Take() &&;

  prometheus::MetricFamily requests;
  prometheus::MetricFamily request_duration_seconds;
  prometheus::MetricFamily queue_duration_seconds;
  prometheus::MetricFamily compute_duration_seconds;
  prometheus::MetricFamily batch_rows;
};

// Requests counted by the code of their answer: mlp_requests_total. Thread-safe.
class RequestCounters final {
 public:
  static constexpr std::size_t kCodes = 17;  // that gRPC has

  // A code that no answer of ours has is counted as UNKNOWN.
  void Count(absl::StatusCode code);

  // Whether any request was counted.
  bool CountedAny() const;

  // Adds a sample for each code that an answer can have.
  void Collect(const std::string& model, const std::string& version,
               prometheus::MetricFamily& family) const;

 private:
  // By the value of the code.
  std::array<prometheus::Counter, kCodes> by_code_;
};

// Thread-safe. The rows are counted by ActivityTotals.
class ModelMetrics final {
 public:
  ModelMetrics();
  ModelMetrics(const ModelMetrics&) = delete;
  ModelMetrics& operator=(const ModelMetrics&) = delete;

  void CountRequest(absl::StatusCode code) { requests_.Count(code); }
  void ObserveRequest(absl::Duration request_duration, absl::Duration queue_duration);
  void ObserveBatch(std::int64_t rows, absl::Duration compute_duration);

  // Whether any request was counted.
  bool WasAsked() const { return requests_.CountedAny(); }

  // Adds the samples of this version; none before its first request.
  void Collect(const std::string& model, const std::string& version, ModelFamilies& families) const;

 private:
  RequestCounters requests_;
  prometheus::Histogram request_duration_seconds_;
  prometheus::Histogram queue_duration_seconds_;
  prometheus::Histogram compute_duration_seconds_;
  prometheus::Histogram batch_rows_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_METRICS_H_
