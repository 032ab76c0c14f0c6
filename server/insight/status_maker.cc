#include "server/insight/status_maker.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/insight/network_text.h"

namespace mlp {
namespace {

constexpr char kOutputLayer[] = "output";

std::string StateText(const ModelRecord& record) {
  const bool serves = record.served != nullptr;
  if (record.refused && !serves) return absl::StrCat("refused: ", record.reason);
  return std::string(NameOf(record.state));
}

MinuteSeries UnknownSeries() {
  MinuteSeries series;
  series.fill(kUnknown);
  return series;
}

// Of the last full window, or of the last minute with rows where there is none yet.
double LastOf(const MinuteSeries& series) {
  for (std::size_t i = series.size(); i > 0; --i) {
    if (series[i - 1] == series[i - 1]) return series[i - 1];  // NaN is not
  }
  return kUnknown;
}

void AddActivity(const LayerSummary& summary, StatusLayer& layer) {
  layer.lower_share.value = LastOf(layer.lower_minutes);
  layer.upper_share.value = LastOf(layer.upper_minutes);
  if (!summary.window.has_value()) return;
  layer.dead_units.value = static_cast<double>(summary.window->dead_units);
  layer.one_signed_units.value = static_cast<double>(summary.window->one_signed_units);
  layer.mean.value = summary.window->mean;
  layer.zero_centredness.value = summary.window->zero_centredness;
  layer.gradient_gain.value = summary.window->gradient_gain;
}

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

}  // namespace

std::vector<StatusRow> StatusRowsOf(const Network& network) {
  std::vector<StatusRow> rows = {{"inputs", std::nullopt}};
  StatusRow outputs{"outputs", std::nullopt};
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    if (!layer.has_activity()) continue;
    if (layer.name == kOutputLayer) {
      outputs.layer = i;
    } else {
      rows.push_back({layer.name, i});
    }
  }
  rows.push_back(std::move(outputs));
  return rows;
}

StatusModel StatusOfRecord(const ModelTable::Model& model, const ModelRecord& record) {
  StatusModel status;
  status.name = record.name;
  if (record.version > 0) status.version = absl::StrCat(record.version);
  status.is_default = record.version > 0 && model.default_version == record.version;
  for (const auto& [label, version] : model.labels) {
    if (version == record.version) status.labels.push_back(label);
  }
  status.state = StateText(record);
  status.request_minutes = status.p50_minutes = status.p99_minutes = status.refused_minutes =
      status.drift_minutes = UnknownSeries();
  if (record.served == nullptr) return status;
  status.loaded_at = record.served->loaded_at;
  status.architecture = ArchitectureText(*record.served->network);
  return status;
}

void AddHistory(const ServedModel& served, const VersionHistory& history,
                std::chrono::steady_clock::time_point now, StatusModel& model) {
  history.FillTraffic(model, now);
  const Network& network = *served.network;
  for (const StatusRow& row : StatusRowsOf(network)) {
    StatusLayer& layer = model.layers.emplace_back();
    layer.name = row.name;
    layer.lower_minutes = layer.upper_minutes = layer.drift.minutes = UnknownSeries();
    if (!row.layer.has_value()) continue;
    const Layer& of_network = network.layers()[*row.layer];
    layer.activation = std::string(InfoOf(of_network.activation.kind).name);
    layer.units = of_network.units;
    if (history.layers() == nullptr || *row.layer >= history.activity().layers.size()) continue;
    layer.lower_minutes = history.layers()->Lower(*row.layer, now);
    layer.upper_minutes = history.layers()->Upper(*row.layer, now);
    AddActivity(history.activity().layers[*row.layer], layer);
  }
}

void AddDrift(const ServedModel& served, const ModelInsight& insight,
              std::chrono::steady_clock::time_point now, const VersionHistory& history,
              StatusModel& model) {
  model.baseline_error = served.baseline->refused();
  const std::shared_ptr<const Baseline> baseline = served.baseline->Get();
  if (baseline == nullptr) return;
  model.baseline = BaselineText(*baseline);
  for (const LayerReference& reference : baseline->layers) {
    const std::string name = reference.layer == kOutputLayer ? "outputs" : reference.layer;
    for (StatusLayer& layer : model.layers) {
      if (layer.name == name) AddReference(reference, layer);
    }
  }
  const std::vector<TargetDrift> drifts = insight.Drift();
  for (std::size_t row = 0; row < model.layers.size(); ++row) {
    StatusLayer& layer = model.layers[row];
    const auto drift = std::find_if(drifts.begin(), drifts.end(), [&](const TargetDrift& one) {
      return one.layer == layer.name;
    });
    if (drift == drifts.end()) continue;
    layer.drift.ratio = drift->ratio;
    layer.drift.effect = drift->effect;
    layer.drift.window_rows = drift->rows;
    layer.drift.window_end = drift->end;
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

}  // namespace mlp
