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

prometheus::Histogram& Duration(prometheus::Registry& registry, const Labels& labels,
                                const std::string& name, const std::string& help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(
      labels, DurationBounds());
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
    {absl::StatusCode::kUnavailable, "UNAVAILABLE"},
};

}  // namespace

RequestCounters::RequestCounters(prometheus::Registry& registry, const Labels& labels) {
  auto& family = prometheus::BuildCounter()
                     .Name("mlp_requests_total")
                     .Help(
                         "Inference requests answered, by the gRPC code of the answer; those "
                         "for models that are not served have an empty model and version.")
                     .Register(registry);
  by_code_.fill(nullptr);
  for (const auto& [code, name] : kCodes) {
    Labels with_code = labels;
    with_code["code"] = name;
    by_code_[static_cast<std::size_t>(code)] = &family.Add(with_code);
  }
  for (prometheus::Counter*& counter : by_code_) {
    if (counter == nullptr)
      counter = by_code_[static_cast<std::size_t>(absl::StatusCode::kUnknown)];
  }
}

void RequestCounters::Count(absl::StatusCode code) {
  const auto index = static_cast<std::size_t>(code);
  by_code_[index < by_code_.size() ? index : static_cast<std::size_t>(absl::StatusCode::kUnknown)]
      ->Increment();
}

prometheus::Gauge& ReadyGauge(prometheus::Registry& registry, const std::string& model,
                              const std::string& version) {
  return prometheus::BuildGauge()
      .Name("mlp_model_ready")
      .Help("Whether the model version takes requests.")
      .Register(registry)
      .Add({{"model", model}, {"version", version}});
}

ModelMetrics::ModelMetrics(prometheus::Registry& registry, const std::string& model,
                           const std::string& version)
    : requests_(registry, {{"model", model}, {"version", version}}),
      request_duration_seconds_(Duration(
          registry, {{"model", model}, {"version", version}}, "mlp_request_duration_seconds",
          "From a request decoded to its answer handed over, for evaluated requests.")),
      queue_duration_seconds_(
          Duration(registry, {{"model", model}, {"version", version}}, "mlp_queue_duration_seconds",
                   "From a request decoded to the start of its batch's evaluation.")),
      compute_duration_seconds_(Duration(registry, {{"model", model}, {"version", version}},
                                         "mlp_compute_duration_seconds",
                                         "Evaluation of a batch, an observation a batch.")),
      batch_rows_(prometheus::BuildHistogram()
                      .Name("mlp_batch_rows")
                      .Help("Rows that were evaluated together, an observation a batch.")
                      .Register(registry)
                      .Add({{"model", model}, {"version", version}}, RowBounds())),
      ready_(ReadyGauge(registry, model, version)) {}

void ModelMetrics::ObserveRequest(absl::Duration request_duration, absl::Duration queue_duration) {
  request_duration_seconds_.Observe(absl::ToDoubleSeconds(request_duration));
  queue_duration_seconds_.Observe(absl::ToDoubleSeconds(queue_duration));
}

void ModelMetrics::ObserveBatch(std::int64_t rows, absl::Duration compute_duration) {
  batch_rows_.Observe(static_cast<double>(rows));
  compute_duration_seconds_.Observe(absl::ToDoubleSeconds(compute_duration));
}

void ModelMetrics::SetReady(bool ready) { ready_.Set(ready ? 1 : 0); }

}  // namespace mlp
