// The metrics of one served model version. Serving looks up nothing by name: a version has its
// counters and histograms from its load on. They are exported from its first request on.

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
#include "server/observe/exemplars.h"
#include "server/observe/histogram_counts.h"
#include "server/observe/rejections.h"

namespace mlp {

// The families that collect the samples of all versions for one page.
struct ModelFamilies {
  ModelFamilies();

  // Returns all families.
  std::vector<prometheus::MetricFamily> Take() &&;

  // The exemplars of request_duration_seconds: one entry per metric.
  std::vector<BucketExemplars> request_exemplars;

  prometheus::MetricFamily requests;
  prometheus::MetricFamily rejected;
  prometheus::MetricFamily request_duration_seconds;
  prometheus::MetricFamily queue_duration_seconds;
  prometheus::MetricFamily compute_duration_seconds;
  prometheus::MetricFamily batch_rows;
};

// Counts requests by the code of their answer: mlp_requests_total. Thread-safe.
class RequestCounters final {
 public:
  static constexpr std::size_t kCodes = 17;  // as many as gRPC has

  // Codes that the server never sends are counted as UNKNOWN.
  void Count(absl::StatusCode code, std::int64_t requests = 1);

  // Whether any request was counted.
  bool CountedAny() const;

  // The number of requests: all of them, and those that failed through the server's fault
  // (DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, UNKNOWN).
  std::int64_t Counted() const;
  std::int64_t CountedErrors() const;

  // Adds a sample for each code that an answer can have.
  void Collect(const std::string& model, const std::string& version,
               prometheus::MetricFamily& family) const;

 private:
  // By the value of the code.
  std::array<prometheus::Counter, kCodes> by_code_;
};

// What a version has answered so far, as plain numbers.
struct TrafficSums {
  std::int64_t requests = 0;                              // of all codes
  std::int64_t errors = 0;                                // of codes that are the server's fault
  std::array<std::int64_t, kRejectionReasons> refused{};  // by the value of the reason
  // Observations per bucket of ModelMetrics::DurationBounds and RowBounds; the last is open-ended.
  std::vector<std::int64_t> request_durations;
  std::vector<std::int64_t> batch_rows;
};

// Thread-safe. Rows are counted by ActivityTotals.
class ModelMetrics final {
 public:
  // `rejections` belong to the model: all of its versions share them.
  explicit ModelMetrics(std::shared_ptr<Rejections> rejections);
  ModelMetrics(const ModelMetrics&) = delete;
  ModelMetrics& operator=(const ModelMetrics&) = delete;

  using Bounds = prometheus::Histogram::BucketBoundaries;

  // The bounds of the histograms of durations, in seconds, and of rows.
  static Bounds DurationBounds();
  static Bounds RowBounds();

  void CountRequest(absl::StatusCode code) { requests_.Count(code); }
  void CountRequests(absl::StatusCode code, std::int64_t requests) {
    requests_.Count(code, requests);
  }
  // Counts a refused request by its reason and the code sent to the client.
  void CountRefusal(RejectionReason reason, absl::StatusCode code) {
    rejections_->Count(reason);
    own_rejections_.Count(reason);
    requests_.Count(code);
  }
  // Counts a request without rows, which is answered without a batch.
  void CountEmptyRequest(std::chrono::duration<double> total);

  // Adds the observations of one thread and resets them to zero.
  void Add(HistogramCounts& request_durations, HistogramCounts& queue_durations,
           HistogramCounts& compute_durations, HistogramCounts& batch_rows);

  // Moves the request-duration exemplars of one thread here.
  void AddExemplars(ExemplarTaker& taker) { request_exemplars_.Add(taker); }

  // Whether any request was counted.
  bool HadRequests() const { return requests_.CountedAny(); }

  // The number of requests, over all codes.
  std::int64_t requests() const { return requests_.Counted(); }

  // Sets `sums` to the totals of this version, including its own refusals.
  void ReadTraffic(TrafficSums& sums) const;

  // Adds the samples of this version, except rejections. Adds none before its first request.
  void Collect(const std::string& model, const std::string& version, ModelFamilies& families) const;

 private:
  RequestCounters requests_;
  const std::shared_ptr<Rejections> rejections_;
  Rejections own_rejections_;  // of this version only
  prometheus::Histogram request_duration_seconds_;
  prometheus::Histogram queue_duration_seconds_;
  prometheus::Histogram compute_duration_seconds_;
  prometheus::Histogram batch_rows_;
  SharedExemplars request_exemplars_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_METRICS_H_
