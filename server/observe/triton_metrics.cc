#include "server/observe/triton_metrics.h"

#include <chrono>
#include <cstdint>

#include "server/observe/metric_family.h"

namespace mlp {
namespace {

using prometheus::MetricFamily;

double Microseconds(const CountedTime& counted) {
  return std::chrono::duration<double, std::micro>(counted.time).count();
}

struct TritonMetric {
  const char* name;
  const char* help;
  double (*value)(const StatisticsSummary&);
};

constexpr TritonMetric kTritonMetrics[] = {
    {"nv_inference_request_success", "Requests that were answered.",
     [](const StatisticsSummary& s) { return static_cast<double>(s.success.count); }},
    {"nv_inference_request_failure", "Requests that were refused.",
     [](const StatisticsSummary& s) { return static_cast<double>(s.failure.count); }},
    {"nv_inference_count", "Rows that were evaluated.",
     [](const StatisticsSummary& s) { return static_cast<double>(s.rows); }},
    {"nv_inference_exec_count", "Batches that were evaluated.",
     [](const StatisticsSummary& s) { return static_cast<double>(s.batches); }},
    {"nv_inference_request_duration_us", "Total time from receipt to answer.",
     [](const StatisticsSummary& s) { return Microseconds(s.success); }},
    {"nv_inference_queue_duration_us", "Total time from receipt to the start of the batch.",
     [](const StatisticsSummary& s) { return Microseconds(s.queue); }},
    {"nv_inference_compute_input_duration_us",
     "Total time to copy rows into batches, summed over requests.",
     [](const StatisticsSummary& s) { return Microseconds(s.compute_input); }},
    {"nv_inference_compute_infer_duration_us",
     "Total time to evaluate batches, summed over requests.",
     [](const StatisticsSummary& s) { return Microseconds(s.compute_infer); }},
    {"nv_inference_compute_output_duration_us",
     "Total time to write answers, summed over requests.",
     [](const StatisticsSummary& s) { return Microseconds(s.compute_output); }},
};

}  // namespace

std::vector<MetricFamily> TritonFamilies(const std::vector<NamedStatistics>& models) {
  std::vector<MetricFamily> families;
  for (const TritonMetric& metric : kTritonMetrics) {
    MetricFamily& family = families.emplace_back(
        EmptyFamily(metric.name, prometheus::MetricType::Counter, metric.help));
    for (const NamedStatistics& model : models) {
      AddSample(family, {{"model", model.model}, {"version", model.version}},
                metric.value(model.summary));
    }
  }
  return families;
}

}  // namespace mlp
