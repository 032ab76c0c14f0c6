#include "server/insight/drift_families.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/insight/input_range.h"
#include "server/observe/metric_family.h"

namespace mlp {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

struct OfTargets {
  MetricFamily ratio = EmptyFamily(
      "mlp_drift_ratio", MetricType::Gauge,
      "Distance of the last full window from the baseline, relative to the level that one "
      "window in a thousand exceeds by chance. Above 1 is drift. NaN before the first "
      "window.");
  MetricFamily effect = EmptyFamily("mlp_drift_effect", MetricType::Gauge,
                                    "The size of the drift, in standard deviations of a row.");
  MetricFamily rows = EmptyFamily("mlp_drift_window_rows", MetricType::Gauge,
                                  "Rows of the window that the drift ratio is for.");
  MetricFamily end = EmptyFamily(
      "mlp_drift_window_end_timestamp_seconds", MetricType::Gauge,
      "When the window that the drift ratio is for ended, in Unix time; 0 before the first.");
  MetricFamily alarms = EmptyFamily(
      "mlp_drift_alarms_total", MetricType::Counter,
      "Alarms: runs of at least two windows with a ratio above 1. Each run counts once.");

  MetricFamily alarmed =
      EmptyFamily("mlp_drift_alarmed", MetricType::Gauge,
                  "Whether the last two windows that could be judged had a ratio above 1.");

  void Add(const SampleLabels& labels, const TargetDrift& drift) {
    AddSample(ratio, labels, drift.ratio);
    AddSample(alarmed, labels, drift.alarmed() ? 1 : 0);
    AddSample(effect, labels, drift.effect);
    AddSample(rows, labels, static_cast<double>(drift.rows));
    AddSample(end, labels, std::chrono::duration<double>(drift.end.time_since_epoch()).count());
    AddSample(alarms, labels, static_cast<double>(drift.alarms));
  }
};

struct OfReferences {
  MetricFamily saturated =
      EmptyFamily("mlp_saturated_share_reference", MetricType::Gauge,
                  "Share of the activations in a tail over the baseline's rows.");
  MetricFamily dead =
      EmptyFamily("mlp_dead_units_reference", MetricType::Gauge,
                  "Greatest value of mlp_dead_units over 1,000 rows of the baseline.");
  MetricFamily one_signed =
      EmptyFamily("mlp_one_signed_units_reference", MetricType::Gauge,
                  "Greatest value of mlp_one_signed_units over 1,000 rows of the baseline.");
  MetricFamily mean = EmptyFamily("mlp_activation_mean_reference", MetricType::Gauge,
                                  "mlp_activation_mean over the baseline's rows.");
  MetricFamily centredness =
      EmptyFamily("mlp_activation_zero_centredness_reference", MetricType::Gauge,
                  "mlp_activation_zero_centredness over the baseline's rows.");
  MetricFamily gain = EmptyFamily("mlp_gradient_gain_reference", MetricType::Gauge,
                                  "mlp_gradient_gain over the baseline's rows.");
  MetricFamily classes = EmptyFamily("mlp_predicted_class_share_reference", MetricType::Gauge,
                                     "Share of the baseline's rows by predicted class.");

  void Add(const SampleLabels& labels, const LayerReference& layer) {
    AddSample(saturated, With(labels, "tail", "lower"), layer.lower_share);
    AddSample(saturated, With(labels, "tail", "upper"), layer.upper_share);
    AddSample(dead, labels, layer.dead_units);
    AddSample(one_signed, labels, layer.one_signed_units);
    AddSample(mean, labels, layer.mean);
    AddSample(centredness, labels, layer.zero_centredness);
    AddSample(gain, labels, layer.gradient_gain);
  }

  // Uses the same series as the predicted classes: those in `shown`, and one for all others.
  void AddClasses(const SampleLabels& labels, const std::vector<double>& shares,
                  const std::vector<ShownClass>& shown) {
    double others = 1.0;
    for (const ShownClass& shown_class : shown) {
      const auto index = static_cast<std::size_t>(shown_class.index);
      if (index >= shares.size()) continue;
      others -= shares[index];
      AddSample(classes, With(labels, "class", shown_class.name), shares[index]);
    }
    if (shown.size() < shares.size()) {
      AddSample(classes, With(labels, "class", kOtherClasses), std::max(others, 0.0));
    }
  }
};

struct OfBaselines {
  MetricFamily info = EmptyFamily("mlp_baseline_info", MetricType::Gauge,
                                  "The baseline for judging drift; always 1. accepted: whether an "
                                  "administrator accepted windows of live traffic.");
  MetricFamily refused = EmptyFamily("mlp_baseline_refused", MetricType::Gauge,
                                     "Whether the baseline.safetensors next to the model was "
                                     "refused. The model is still served; the log has the reason.");
  MetricFamily rows =
      EmptyFamily("mlp_baseline_rows", MetricType::Gauge, "Rows from which the baseline was made.");
  MetricFamily out_of_range = EmptyFamily(
      "mlp_baseline_expected_out_of_range_ratio", MetricType::Gauge,
      "Expected share of healthy rows with an input value outside the baseline's range: "
      "1 - (1 - 2/(rows + 1))^values.");
  MetricFamily learnt = EmptyFamily("mlp_self_baseline_rows", MetricType::Gauge,
                                    "Rows of live traffic collected so far to learn a baseline.");

  void Add(const SampleLabels& labels, const VersionDrift& version) {
    // Omit the sample without a baseline: there may be thousands of such models.
    const bool is_refused = !version.served->baseline->refused().empty();
    if (is_refused || version.baseline != nullptr) AddSample(refused, labels, is_refused ? 1 : 0);
    if (version.learnt_rows >= 0) {
      AddSample(learnt, labels, static_cast<double>(version.learnt_rows));
    }
    if (version.baseline == nullptr) return;
    const Baseline& baseline = *version.baseline;
    AddSample(rows, labels, static_cast<double>(baseline.rows));
    AddSample(out_of_range, labels, ExpectedOutOfRange(baseline));
    const std::string created = absl::FormatTime(
        "%Y-%m-%dT%H:%M:%SZ", absl::FromChrono(baseline.created), absl::UTCTimeZone());
    AddSample(info,
              With(With(With(labels, "source", std::string(WordOf(baseline.source))), "accepted",
                        baseline.accepted.empty() ? "false" : "true"),
                   "created", created),
              1);
  }
};

// `labels` plus the layer's name and activation, as on the saturation metrics; empty if the network
// has no such layer.
SampleLabels LayerLabels(SampleLabels labels, const Network& network, const std::string& name) {
  const auto layer = std::find_if(network.layers().begin(), network.layers().end(),
                                  [&](const Layer& candidate) { return candidate.name == name; });
  if (layer == network.layers().end()) return {};
  labels.push_back({"layer", name});
  labels.push_back({"activation", std::string(InfoOf(layer->activation.kind).name)});
  return labels;
}

}  // namespace

std::vector<MetricFamily> DriftFamilies(const std::vector<VersionDrift>& versions) {
  OfTargets targets;
  OfReferences references;
  OfBaselines baselines;
  for (const VersionDrift& version : versions) {
    const ServedModel& served = *version.served;
    const SampleLabels labels = {{"model", served.name}, {"version", served.version}};
    baselines.Add(labels, version);
    for (const TargetDrift& drift : version.drift) {
      targets.Add(With(labels, "layer", drift.layer), drift);
    }
    if (version.baseline == nullptr) continue;
    references.AddClasses(labels, version.baseline->classes.share,
                          served.instruments.watch->ShownClasses());
    for (const LayerReference& layer : version.baseline->layers) {
      const SampleLabels of_layer = LayerLabels(labels, *served.network, layer.layer);
      if (!of_layer.empty()) references.Add(of_layer, layer);
    }
  }
  std::vector<MetricFamily> families;
  for (MetricFamily* const family :
       {&targets.ratio, &targets.effect, &targets.rows, &targets.end, &targets.alarms,
        &targets.alarmed, &references.saturated, &references.dead, &references.one_signed,
        &references.mean, &references.centredness, &references.gain, &references.classes,
        &baselines.info, &baselines.refused, &baselines.rows, &baselines.learnt,
        &baselines.out_of_range}) {
    families.push_back(std::move(*family));
  }
  return families;
}

}  // namespace mlp
