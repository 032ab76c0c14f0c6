#include "server/observe/activity_collector.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/observe/metric_family.h"

namespace mlp {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

struct Families {
  MetricFamily info =
      EmptyFamily("mlp_model_info", MetricType::Gauge, "Describes a served model; always 1.");
  MetricFamily weight_bytes =
      EmptyFamily("mlp_model_weight_bytes", MetricType::Gauge,
                  "Bytes of the trained parameters as stored for evaluation.");
  MetricFamily workspace_bytes =
      EmptyFamily("mlp_model_workspace_bytes", MetricType::Gauge,
                  "Bytes of the buffers that each thread needs to evaluate the model.");
  MetricFamily rows = EmptyFamily("mlp_rows_total", MetricType::Counter, "Rows evaluated.");
  MetricFamily activations = EmptyFamily("mlp_activations_total", MetricType::Counter,
                                         "Activations evaluated: rows x units.");
  MetricFamily saturated = EmptyFamily(
      "mlp_saturated_activations_total", MetricType::Counter,
      "Activations whose pre-activation was in a tail of the activation function, where "
      "its slope is below epsilon times its steepest slope. For ReLU, the lower tail "
      "is the zeros; about half is healthy.");
  MetricFamily non_finite = EmptyFamily("mlp_nonfinite_activations_total", MetricType::Counter,
                                        "Activations that were NaN or infinite.");
  MetricFamily units = EmptyFamily("mlp_layer_units", MetricType::Gauge, "Width of the layer.");
  MetricFamily dead = EmptyFamily("mlp_dead_units", MetricType::Gauge,
                                  "Units that were in the same tail on every row of the last full "
                                  "window; NaN before the first.");
  MetricFamily one_signed = EmptyFamily(
      "mlp_one_signed_units", MetricType::Gauge,
      "Units whose output kept one sign over the last full window (zero counts as positive). All "
      "units, for an activation that is never negative. NaN before the first.");
  MetricFamily mean =
      EmptyFamily("mlp_activation_mean", MetricType::Gauge,
                  "Mean activation over the last full window; NaN before the first.");
  MetricFamily centredness =
      EmptyFamily("mlp_activation_zero_centredness", MetricType::Gauge,
                  "abs(mean) / rms of the activations over the last full window: 0 is centred on "
                  "zero, near 1 is one-signed; NaN before the first.");
  MetricFamily gain = EmptyFamily(
      "mlp_gradient_gain", MetricType::Gauge,
      "Mean slope of the activation function over the last full window. Below 1 in many "
      "layers, the gradient vanishes. NaN before the first.");
};

void AddLayer(const SampleLabels& labels, const LayerSummary& summary, Families& families) {
  const LayerCounts& counts = summary.counts;
  AddSample(families.activations, labels, static_cast<double>(counts.activations));
  AddSample(families.saturated, With(labels, "tail", "lower"),
            static_cast<double>(counts.lower_tail));
  AddSample(families.saturated, With(labels, "tail", "upper"),
            static_cast<double>(counts.upper_tail));
  AddSample(families.non_finite, labels, static_cast<double>(counts.non_finite));

  const double none = std::numeric_limits<double>::quiet_NaN();
  const auto& window = summary.window;
  AddSample(families.dead, labels, window ? static_cast<double>(window->dead_units) : none);
  AddSample(families.one_signed, labels,
            window ? static_cast<double>(window->one_signed_units) : none);
  AddSample(families.mean, labels, window ? window->mean : none);
  AddSample(families.centredness, labels, window ? window->zero_centredness : none);
  AddSample(families.gain, labels, window ? window->gradient_gain : none);
}

}  // namespace

void ActivityCollector::Add(const std::string& model, const std::string& version,
                            const Evaluator& evaluator,
                            const std::shared_ptr<ActivityTotals>& totals,
                            const std::shared_ptr<const ModelMetrics>& metrics) {
  sources_.Add(model, version,
               {evaluator.shared_network(), evaluator.weight_storage(), evaluator.weight_bytes(),
                evaluator.workspace_bytes(), totals, metrics});
}

std::vector<MetricFamily> ActivityCollector::Collect() const {
  Families families;
  sources_.ForEach([&](const std::string& model, const std::string& version, const Source& source) {
    const std::shared_ptr<ActivityTotals> totals = source.totals.lock();
    if (totals == nullptr) return;
    const ActivitySummary summary = totals->Read(ActivityTotals::Clock::now());
    const std::shared_ptr<const ModelMetrics> metrics = source.metrics.lock();
    // A batch's rows are counted before its requests are.
    const bool asked = summary.rows > 0 || (metrics != nullptr && metrics->HadRequests());
    const SampleLabels labels = {{"model", model}, {"version", version}};
    const SampleLabels with_info = {{"layers", absl::StrCat(source.network->layers().size())},
                                    {"model", model},
                                    {"parameters", absl::StrCat(source.network->parameter_count())},
                                    {"version", version},
                                    {"weights", std::string(NameOf(source.weights))}};
    AddSample(families.info, with_info, 1);
    AddSample(families.weight_bytes, labels, static_cast<double>(source.weight_bytes));
    AddSample(families.workspace_bytes, labels, static_cast<double>(source.workspace_bytes));
    AddSample(families.rows, labels, static_cast<double>(summary.rows));
    for (std::size_t i = 0; i < summary.layers.size(); ++i) {
      const Layer& layer = source.network->layers()[i];
      const ActivationInfo& activation = InfoOf(layer.activation.kind);
      if (!layer.has_activity()) continue;
      const SampleLabels of_layer = {{"model", model},
                                     {"version", version},
                                     {"layer", layer.name},
                                     {"activation", absl::StrCat(activation.name)}};
      AddSample(families.units, of_layer, static_cast<double>(layer.units));
      if (asked) AddLayer(of_layer, summary.layers[i], families);
    }
  });
  MetricFamily epsilon = EmptyFamily(
      "mlp_saturation_epsilon", MetricType::Gauge,
      "An activation function counts as flat where its slope is below this share of its "
      "steepest slope.");
  AddSample(epsilon, {}, saturation_epsilon_);
  return {std::move(families.info),
          std::move(families.weight_bytes),
          std::move(families.workspace_bytes),
          std::move(families.rows),
          std::move(families.activations),
          std::move(families.saturated),
          std::move(families.non_finite),
          std::move(families.units),
          std::move(families.dead),
          std::move(families.one_signed),
          std::move(families.mean),
          std::move(families.centredness),
          std::move(families.gain),
          std::move(epsilon)};
}

}  // namespace mlp
