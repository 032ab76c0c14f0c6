// The metrics of one served model version. Serving looks up nothing by name: a version has its
// counters and histograms from its load on, and they are shown from its first request on.

#ifndef MLP_SERVER_OBSERVE_MODEL_METRICS_H_
#define MLP_SERVER_OBSERVE_MODEL_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <chrono>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/batching/rejection_reason.h"
#include "server/observe/histogram_counts.h"
#include "server/observe/rejections.h"

namespace mlp {

// The families that the samples of all versions are collected into, for one page.
struct ModelFamilies {
  ModelFamilies();

  // All of them.
  std::vector<prometheus::MetricFamily> Take() &&;

  prometheus::MetricFamily requests;
  prometheus::MetricFamily rejected;
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
  void Count(absl::StatusCode code, std::int64_t requests = 1);

  // Whether any request was counted.
  bool CountedAny() const;

  // How many were, of all codes, and of those that are the server's fault: DEADLINE_EXCEEDED,
  // INTERNAL, UNAVAILABLE and UNKNOWN.
  std::int64_t Counted() const;
  std::int64_t CountedErrors() const;

  // Adds a sample for each code that an answer can have.
  void Collect(const std::string& model, const std::string& version,
               prometheus::MetricFamily& family) const;

 private:
  // By the value of the code.
  std::array<prometheus::Counter, kCodes> by_code_;
};

// What a version has answered so far, in plain numbers.
struct TrafficSums {
  std::int64_t requests = 0;                              // of all codes
  std::int64_t errors = 0;                                // of codes that are the server's fault
  std::array<std::int64_t, kRejectionReasons> refused{};  // by the value of the reason
  // Observations in each bucket, the last one open: of ModelMetrics::DurationBounds and RowBounds.
  std::vector<std::int64_t> request_durations;
  std::vector<std::int64_t> batch_rows;
};

// Thread-safe. The rows are counted by ActivityTotals.
class ModelMetrics final {
 public:
  // `rejections` are the model's, which all of its versions share.
  explicit ModelMetrics(std::shared_ptr<Rejections> rejections);
  ModelMetrics(const ModelMetrics&) = delete;
  ModelMetrics& operator=(const ModelMetrics&) = delete;

  using Bounds = prometheus::Histogram::BucketBoundaries;

  // Of the histograms of durations, in seconds, and of rows.
  static Bounds DurationBounds();
  static Bounds RowBounds();

  void CountRequest(absl::StatusCode code) { requests_.Count(code); }
  void CountRequests(absl::StatusCode code, std::int64_t requests) {
    requests_.Count(code, requests);
  }
  // A request that was refused, and the code that its client gets.
  void CountRefusal(RejectionReason reason, absl::StatusCode code) {
    rejections_->Count(reason);
    own_rejections_.Count(reason);
    requests_.Count(code);
  }
  // Counts a request without rows, which was answered without any batch.
  void CountEmptyRequest(std::chrono::duration<double> total);

  // Adds what one thread observed, which begins at zero again.
  void Add(HistogramCounts& request_durations, HistogramCounts& queue_durations,
           HistogramCounts& compute_durations, HistogramCounts& batch_rows);

  // Whether any request was counted.
  bool WasAsked() const { return requests_.CountedAny(); }

  // Requests counted, of all codes.
  std::int64_t requests() const { return requests_.Counted(); }

  // Sets `sums` to what there is of this version, its own refusals among it.
  void ReadTraffic(TrafficSums& sums) const;

  // Adds the samples of this version, which those of the rejections are not among; none before its
  // first request.
  void Collect(const std::string& model, const std::string& version, ModelFamilies& families) const;

 private:
  RequestCounters requests_;
  const std::shared_ptr<Rejections> rejections_;
  Rejections own_rejections_;  // of this version alone
  prometheus::Histogram request_duration_seconds_;
  prometheus::Histogram queue_duration_seconds_;
  prometheus::Histogram compute_duration_seconds_;
  prometheus::Histogram batch_rows_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_METRICS_H_
