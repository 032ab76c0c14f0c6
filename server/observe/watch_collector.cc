#include "server/observe/watch_collector.h"

#include <cstdint>
#include <utility>

#include "server/observe/metric_family.h"

namespace mlp {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void AddLabelled(MetricFamily& family, const SampleLabels& labels, ClientMetric metric) {
  metric.label = labels;
  family.metric.push_back(std::move(metric));
}

struct WatchFamilies {
  MetricFamily interval =
      EmptyFamily("mlp_watch_interval_batches", MetricType::Gauge,
                  "One in this many batches of 64 rows is watched, to limit the cost.");
  MetricFamily rows = EmptyFamily("mlp_watched_rows_total", MetricType::Counter,
                                  "Rows whose inputs and outputs were watched.");
  MetricFamily out_of_range = EmptyFamily(
      "mlp_input_rows_out_of_range_total", MetricType::Counter,
      "Watched rows with an input value outside the baseline's range; 0 without a baseline.");
  MetricFamily missing = EmptyFamily("mlp_input_rows_missing_total", MetricType::Counter,
                                     "Watched rows with an input value that is NaN.");
  MetricFamily not_finite = EmptyFamily("mlp_input_rows_not_finite_total", MetricType::Counter,
                                        "Watched rows with an input value that is infinite.");
  MetricFamily predicted =
      EmptyFamily("mlp_predicted_class_total", MetricType::Counter,
                  "Watched rows by predicted class; classes without their own series are 'other'.");
  MetricFamily confidence =
      EmptyFamily("mlp_prediction_confidence", MetricType::Histogram,
                  "Probability of the predicted class; one observation per watched row.");
  MetricFamily entropy =
      EmptyFamily("mlp_prediction_entropy", MetricType::Histogram,
                  "Entropy of the class probabilities divided by its maximum, ln(classes); one "
                  "observation per watched row. 0 is certain, 1 is uniform.");
};

void AddClasses(const SampleLabels& labels, const WatchSummary& summary, MetricFamily& family) {
  const auto add = [&](const std::string& name, std::int64_t rows) {
    AddSample(family, With(labels, "class", name), static_cast<double>(rows));
  };
  std::int64_t others = summary.sums.predicted_rows;
  for (const ShownClass& shown : summary.classes) {
    const std::int64_t rows = summary.sums.predicted[static_cast<std::size_t>(shown.index)];
    add(shown.name, rows);
    others -= rows;
  }
  if (summary.classes.size() < summary.sums.predicted.size()) add(kOtherClasses, others);
}

}  // namespace

void WatchCollector::Add(const std::string& model, const std::string& version,
                         const std::shared_ptr<RowWatch>& watch,
                         const std::shared_ptr<const ModelMetrics>& metrics) {
  sources_.Add(model, version, {watch, metrics});
}

std::vector<MetricFamily> WatchCollector::Collect() const {
  WatchFamilies families;
  sources_.ForEach([&](const std::string& model, const std::string& version, const Source& source) {
    const std::shared_ptr<const RowWatch> watch = source.watch.lock();
    const std::shared_ptr<const ModelMetrics> metrics = source.metrics.lock();
    if (watch == nullptr) return;
    const WatchSummary summary = watch->Read();
    const bool asked = summary.sums.rows > 0 || (metrics != nullptr && metrics->HadRequests());
    if (!asked) return;
    const SampleLabels labels = {{"model", model}, {"version", version}};
    AddSample(families.interval, labels,
              static_cast<double>(watch->interval().Of(Evaluator::kBlockRows)));
    AddSample(families.rows, labels, static_cast<double>(summary.sums.rows));
    AddSample(families.missing, labels, static_cast<double>(summary.sums.missing_rows));
    AddSample(families.not_finite, labels, static_cast<double>(summary.sums.not_finite_rows));
    AddSample(families.out_of_range, labels, static_cast<double>(summary.sums.out_of_range_rows));
    if (!watch->form().is_classifier()) return;
    AddClasses(labels, summary, families.predicted);
    AddLabelled(families.confidence, labels, summary.confidence);
    AddLabelled(families.entropy, labels, summary.entropy);
  });
  return {std::move(families.interval),     std::move(families.rows),
          std::move(families.out_of_range), std::move(families.missing),
          std::move(families.not_finite),   std::move(families.predicted),
          std::move(families.confidence),   std::move(families.entropy)};
}

}  // namespace mlp
