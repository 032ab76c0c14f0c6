#include "server/observe/model_metrics.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/observe/metric_family.h"

namespace mlp {
namespace {

void AddHistogram(const std::string& model, const std::string& version,
                  const prometheus::Histogram& histogram, prometheus::MetricFamily& family) {
  family.metric.push_back(histogram.Collect());
  family.metric.back().label = {{"model", model}, {"version", version}};
}

// The codes that an answer can have, with gRPC's names.
struct CodeName {
  absl::StatusCode code;
  const char* name;
};
constexpr CodeName kCodeNames[] = {
    {absl::StatusCode::kOk, "OK"},
    {absl::StatusCode::kCancelled, "CANCELLED"},
    {absl::StatusCode::kUnknown, "UNKNOWN"},
    {absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT"},
    {absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
    {absl::StatusCode::kNotFound, "NOT_FOUND"},
    {absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED"},
    {absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED"},
    {absl::StatusCode::kInternal, "INTERNAL"},
    {absl::StatusCode::kUnavailable, "UNAVAILABLE"},
    {absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED"},
};

constexpr auto kUnknownIndex = static_cast<std::size_t>(absl::StatusCode::kUnknown);

constexpr absl::StatusCode kServersFault[] = {
    absl::StatusCode::kDeadlineExceeded,
    absl::StatusCode::kInternal,
    absl::StatusCode::kUnavailable,
    absl::StatusCode::kUnknown,
};

// Prometheus buckets are cumulative; these are not.
void ReadBuckets(const prometheus::Histogram& histogram, std::vector<std::int64_t>& buckets) {
  const prometheus::ClientMetric collected = histogram.Collect();
  buckets.clear();
  std::uint64_t below = 0;
  for (const auto& bucket : collected.histogram.bucket) {
    buckets.push_back(static_cast<std::int64_t>(bucket.cumulative_count - below));
    below = bucket.cumulative_count;
  }
}

// Maps each code's value to the value of the code it is counted as.
constexpr auto kCountedAs = [] {
  std::array<std::size_t, RequestCounters::kCodes> counted_as{};
  for (std::size_t& index : counted_as) index = kUnknownIndex;
  for (const CodeName& known : kCodeNames) {
    const auto index = static_cast<std::size_t>(known.code);
    counted_as[index] = index;
  }
  return counted_as;
}();

}  // namespace

ModelFamilies::ModelFamilies()
    : requests(EmptyFamily("mlp_requests_total", prometheus::MetricType::Counter,
                           "Inference requests answered, by the gRPC code of the answer; those "
                           "for models that are not served have an empty model and version.")),
      rejected(EmptyFamily("mlp_rejected_total", prometheus::MetricType::Counter,
                           "Inference requests that were refused, by reason; those for models "
                           "that are not served have an empty model.")),
      request_duration_seconds(
          EmptyFamily("mlp_request_duration_seconds", prometheus::MetricType::Histogram,
                      "Time from receipt of a request to the handover of its answer, for evaluated "
                      "requests.")),
      queue_duration_seconds(
          EmptyFamily("mlp_queue_duration_seconds", prometheus::MetricType::Histogram,
                      "Time from receipt of a request to the start of its batch's evaluation.")),
      compute_duration_seconds(
          EmptyFamily("mlp_compute_duration_seconds", prometheus::MetricType::Histogram,
                      "Evaluation time of a batch; one observation per batch.")),
      batch_rows(EmptyFamily("mlp_batch_rows", prometheus::MetricType::Histogram,
                             "Rows per batch; one observation per batch.")) {}

std::vector<prometheus::MetricFamily> ModelFamilies::Take() && {
  return {std::move(requests),
          std::move(rejected),
          std::move(request_duration_seconds),
          std::move(queue_duration_seconds),
          std::move(compute_duration_seconds),
          std::move(batch_rows)};
}

void RequestCounters::Count(absl::StatusCode code, std::int64_t requests) {
  const auto index = static_cast<std::size_t>(code);
  by_code_[index < kCountedAs.size() ? kCountedAs[index] : kUnknownIndex].Increment(
      static_cast<double>(requests));
}

bool RequestCounters::CountedAny() const {
  return std::any_of(by_code_.begin(), by_code_.end(),
                     [](const prometheus::Counter& counter) { return counter.Value() > 0; });
}

std::int64_t RequestCounters::Counted() const {
  double requests = 0;
  for (const prometheus::Counter& counter : by_code_) requests += counter.Value();
  return static_cast<std::int64_t>(requests);
}

std::int64_t RequestCounters::CountedErrors() const {
  double errors = 0;
  for (const absl::StatusCode code : kServersFault) {
    errors += by_code_[static_cast<std::size_t>(code)].Value();
  }
  return static_cast<std::int64_t>(errors);
}

void RequestCounters::Collect(const std::string& model, const std::string& version,
                              prometheus::MetricFamily& family) const {
  for (const auto& [code, name] : kCodeNames) {
    family.metric.push_back(by_code_[static_cast<std::size_t>(code)].Collect());
    family.metric.back().label = {{"code", name}, {"model", model}, {"version", version}};
  }
}

// 10 µs to 10 s in steps of at most a factor of 2, including every power of ten, where objectives
// are usually set. Never change a bound: sums over pods of two versions would be wrong.
ModelMetrics::Bounds ModelMetrics::DurationBounds() {
  Bounds bounds;
  // Only steps that the page's 16 digits show exactly. A product such as 3 * 1e-5, or a step of 7
  // or 8, gives bounds like 7.000000000000001e-05, which no query would name.
  for (const double steps_per_second : {1e5, 1e4, 1e3, 1e2, 1e1, 1.0}) {
    for (const double step : {1.0, 2.0, 3.0, 5.0}) bounds.push_back(step / steps_per_second);
  }
  bounds.push_back(10.0);
  return bounds;
}

ModelMetrics::Bounds ModelMetrics::RowBounds() {
  Bounds bounds;
  for (int rows = 1; rows <= 65'536; rows *= 2) bounds.push_back(rows);
  return bounds;
}

ModelMetrics::ModelMetrics(std::shared_ptr<Rejections> rejections)
    : rejections_(std::move(rejections)),
      request_duration_seconds_(DurationBounds()),
      queue_duration_seconds_(DurationBounds()),
      compute_duration_seconds_(DurationBounds()),
      batch_rows_(RowBounds()),
      request_exemplars_(DurationBounds().size() + 1) {}

void ModelMetrics::Add(HistogramCounts& request_durations, HistogramCounts& queue_durations,
                       HistogramCounts& compute_durations, HistogramCounts& batch_rows) {
  request_durations.MoveTo(request_duration_seconds_);
  queue_durations.MoveTo(queue_duration_seconds_);
  compute_durations.MoveTo(compute_duration_seconds_);
  batch_rows.MoveTo(batch_rows_);
}

void ModelMetrics::CountEmptyRequest(std::chrono::duration<double> total) {
  CountRequest(absl::StatusCode::kOk);
  request_duration_seconds_.Observe(total.count());
  queue_duration_seconds_.Observe(0);
}

void ModelMetrics::ReadTraffic(TrafficSums& sums) const {
  sums.requests = requests_.Counted();
  sums.errors = requests_.CountedErrors();
  for (std::size_t reason = 0; reason < kRejectionReasons; ++reason) {
    sums.refused[reason] = own_rejections_.Counted(static_cast<RejectionReason>(reason));
  }
  ReadBuckets(request_duration_seconds_, sums.request_durations);
  ReadBuckets(batch_rows_, sums.batch_rows);
}

void ModelMetrics::Collect(const std::string& model, const std::string& version,
                           ModelFamilies& families) const {
  if (!HadRequests()) return;
  requests_.Collect(model, version, families.requests);
  AddHistogram(model, version, request_duration_seconds_, families.request_duration_seconds);
  families.request_exemplars.push_back(request_exemplars_.Get());
  AddHistogram(model, version, queue_duration_seconds_, families.queue_duration_seconds);
  AddHistogram(model, version, compute_duration_seconds_, families.compute_duration_seconds);
  AddHistogram(model, version, batch_rows_, families.batch_rows);
}

}  // namespace mlp
