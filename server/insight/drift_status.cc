#include "server/insight/drift_status.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "model/grouped_digits.h"
#include "server/insight/input_range.h"
#include "server/insight/network_text.h"
#include "server/insight/status_maker.h"

namespace mlp {
namespace {

void AddReference(const LayerReference& reference, StatusLayer& layer) {
  layer.lower_share.reference = reference.lower_share;
  layer.upper_share.reference = reference.upper_share;
  layer.dead_units.reference = reference.dead_units;
  layer.one_signed_units.reference = reference.one_signed_units;
  layer.mean.reference = reference.mean;
  layer.zero_centredness.reference = reference.zero_centredness;
  layer.gradient_gain.reference = reference.gradient_gain;
}

std::string BaselineText(const Baseline& baseline) {
  const bool calibrated = baseline.source == BaselineSource::kCalibration;
  std::string text = absl::StrCat(
      calibrated ? "calibrated " : "learnt from live traffic ",
      absl::FormatTime("%Y-%m-%d", absl::FromChrono(baseline.created), absl::UTCTimeZone()), ", ",
      GroupedDigits(baseline.rows), " rows");
  if (!baseline.accepted.empty()) absl::StrAppend(&text, ", windows of live traffic accepted");
  return text;
}

void AddMoved(const ServedModel& served, const Baseline& baseline, const ModelInsight& insight,
              StatusModel& model) {
  const MovedInputValues moved_inputs = insight.moved_inputs();
  model.clearly_moved_inputs = moved_inputs.clearly;
  for (const Shift& shift : moved_inputs.most) {
    model.moved_inputs.push_back({InputValueName(*served.network, shift.index), shift.deviations});
  }
  const std::size_t output = OutputFormOf(*served.network).output;
  for (const MovedClass& moved : insight.moved_classes()) {
    const auto index = static_cast<std::size_t>(moved.index);
    const bool named =
        output < served.class_names.size() && index < served.class_names[output].size();
    model.moved_classes.push_back(
        {named ? served.class_names[output].NameOf(index) : absl::StrCat(index),
         {moved.share, baseline.classes.share[index]}});
  }
}

}  // namespace

void AddDrift(const ServedModel& served, const ModelInsight& insight, const VersionHistory& history,
              std::chrono::steady_clock::time_point now, StatusModel& model) {
  model.baseline_error = served.baseline->refused();
  const std::shared_ptr<const Baseline> baseline = served.baseline->Get();
  if (baseline == nullptr) {
    model.out_of_range_share = kUnknown;  // there is no range
    return;
  }
  model.baseline = BaselineText(*baseline);
  model.expected_out_of_range = ExpectedOutOfRange(*baseline);
  for (const LayerReference& reference : baseline->layers) {
    const std::string name = reference.layer == "output" ? "outputs" : reference.layer;
    for (StatusLayer& layer : model.layers) {
      if (layer.name == name) AddReference(reference, layer);
    }
  }
  AddMoved(served, *baseline, insight, model);
  const std::vector<TargetDrift> drifts = insight.Drift();
  for (std::size_t row = 0; row < model.layers.size(); ++row) {
    StatusLayer& layer = model.layers[row];
    const auto drift = std::find_if(drifts.begin(), drifts.end(), [&](const TargetDrift& target) {
      return target.layer == layer.name;
    });
    if (drift == drifts.end()) continue;
    layer.drift.ratio = drift->ratio;
    layer.drift.effect = drift->effect;
    layer.drift.window_rows = drift->rows;
    layer.drift.window_end = drift->end;
    layer.drift.window_begin = drift->begin;
    layer.drift.above_since = drift->above_since;
    layer.drift.alarms = drift->alarms;
    layer.drift.alarmed = drift->alarmed();
    model.drift_ratio = std::fmax(model.drift_ratio, drift->ratio);
    if (history.layers() == nullptr) continue;
    layer.drift.minutes = history.layers()->Ratios(row, now);
    for (std::size_t i = 0; i < kStatusMinutes; ++i) {
      model.drift_minutes[i] = std::fmax(model.drift_minutes[i], layer.drift.minutes[i]);
    }
  }
}

void AddLearning(const SelfBaseline& learning, StatusModel& model) {
  if (model.baseline.empty()) model.baseline = learning.Text();
}

void AddShapes(const ServedModel& served, const std::vector<StatusShape>& shapes,
               StatusModel& model) {
  const std::vector<StatusRow> rows = StatusRowsOf(*served.network);
  for (std::size_t i = 0; i < std::min(rows.size(), model.layers.size()); ++i) {
    if (rows[i].layer.has_value()) model.layers[i].shape = shapes[*rows[i].layer];
  }
}

}  // namespace mlp
