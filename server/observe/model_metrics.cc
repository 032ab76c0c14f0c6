#include "server/observe/model_metrics.h"

namespace mlp {
namespace {

using Labels = std::map<std::string, std::string>;
using Bounds = prometheus::Histogram::BucketBoundaries;

// From 10 µs to 10 s in steps of at most a factor 2, with every power of ten among them, where
// objectives are usually set. Never change a bound: sums over pods of two versions would be wrong.
Bounds DurationBounds() {
  Bounds bounds;
  // The steps are those that the exposition's 16 digits show as they are: neither a product, such
  // as 3 * 1e-5, nor a 7 or an 8 is, and a bound like 7.000000000000001e-05 no query would name.
  for (const double steps_per_second : {1e5, 1e4, 1e3, 1e2, 1e1, 1.0}) {
    for (const double step : {1.0, 2.0, 3.0, 5.0}) bounds.push_back(step / steps_per_second);
  }
  bounds.push_back(10.0);
  return bounds;
}

Bounds RowBounds() {
  Bounds bounds;
  for (int rows = 1; rows <= 65'536; rows *= 2) bounds.push_back(rows);
  return bounds;
}

prometheus::Family<prometheus::Histogram>& HistogramFamily(prometheus::Registry& registry,
                                                           const std::string& name,
                                                           const std::string& help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// The codes that an answer can have, with the names that gRPC gives them.
struct CodeName {
  absl::StatusCode code;
  const char* name;
};
constexpr CodeName kCodes[] = {
    {absl::StatusCode::kOk, "OK"},
    {absl::StatusCode::kCancelled, "CANCELLED"},
    {absl::StatusCode::kUnknown, "UNKNOWN"},
    {absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT"},
    {absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
    {absl::StatusCode::kNotFound, "NOT_FOUND"},
    {absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED"},
    {absl::StatusCode::kUnavailable, "UNAVAILABLE"},
};

}  // namespace

RequestCounters::RequestCounters(prometheus::Registry& registry, const Labels& labels,
                                 const bool& ending)
    : family_(prometheus::BuildCounter()
                  .Name("mlp_requests_total")
                  .Help("Inference requests answered, by the gRPC code of the answer; those "
                        "for models that are not served have an empty model and version.")
                  .Register(registry)),
      ending_(ending) {
  for (const auto& [code, name] : kCodes) {
    Labels with_code = labels;
    with_code["code"] = name;
    made_.push_back(&family_.Add(with_code));
    by_code_[static_cast<std::size_t>(code)] = made_.back();
  }
  for (prometheus::Counter*& counter : by_code_) {
    if (counter == nullptr)
      counter = by_code_[static_cast<std::size_t>(absl::StatusCode::kUnknown)];
  }
}

RequestCounters::~RequestCounters() {
  if (ending_) return;
  for (prometheus::Counter* counter : made_) family_.Remove(counter);
}

void RequestCounters::Count(absl::StatusCode code) {
  const auto index = static_cast<std::size_t>(code);
  by_code_[index < by_code_.size() ? index : static_cast<std::size_t>(absl::StatusCode::kUnknown)]
      ->Increment();
}

ModelMetrics::ModelMetrics(prometheus::Registry& registry, const std::string& model,
                           const std::string& version, const bool& ending)
    : requests_(registry, {{"model", model}, {"version", version}}, ending),
      request_duration_seconds_(
          HistogramFamily(registry, "mlp_request_duration_seconds",
                          "From a request received to its answer handed over, for evaluated "
                          "requests."),
          {{"model", model}, {"version", version}}, DurationBounds(), ending),
      queue_duration_seconds_(
          HistogramFamily(registry, "mlp_queue_duration_seconds",
                          "From a request received to the start of its batch's evaluation."),
          {{"model", model}, {"version", version}}, DurationBounds(), ending),
      compute_duration_seconds_(HistogramFamily(registry, "mlp_compute_duration_seconds",
                                                "Evaluation of a batch, an observation a batch."),
                                {{"model", model}, {"version", version}}, DurationBounds(), ending),
      batch_rows_(HistogramFamily(registry, "mlp_batch_rows",
                                  "Rows that were evaluated together, an observation a batch."),
                  {{"model", model}, {"version", version}}, RowBounds(), ending) {}

void ModelMetrics::ObserveRequest(absl::Duration request_duration, absl::Duration queue_duration) {
  request_duration_seconds_.Observe(absl::ToDoubleSeconds(request_duration));
  queue_duration_seconds_.Observe(absl::ToDoubleSeconds(queue_duration));
}

void ModelMetrics::ObserveBatch(std::int64_t rows, absl::Duration compute_duration) {
  batch_rows_.Observe(static_cast<double>(rows));
  compute_duration_seconds_.Observe(absl::ToDoubleSeconds(compute_duration));
}

}  // namespace mlp
