#include "server/insight/status_maker.h"

#include "absl/strings/str_cat.h"
#include "server/insight/input_rows.h"
#include "server/insight/network_text.h"

namespace mlp {
namespace {

constexpr char kOutputLayer[] = "output";

std::string StateText(const ModelRecord& record) {
  const bool serves = record.served != nullptr;
  if (record.refused && !serves) return absl::StrCat("refused: ", record.reason);
  return std::string(NameOf(record.state));
}

void AddActivity(const LayerSummary& summary, StatusLayer& layer) {
  if (!summary.window.has_value()) return;
  layer.lower_share.value = summary.window->lower_share;
  layer.upper_share.value = summary.window->upper_share;
  layer.dead_units.value = static_cast<double>(summary.window->dead_units);
  layer.one_signed_units.value = static_cast<double>(summary.window->one_signed_units);
  layer.mean.value = summary.window->mean;
  layer.zero_centredness.value = summary.window->zero_centredness;
  layer.gradient_gain.value = summary.window->gradient_gain;
}

void AddRows(const WatchedRows& rows, StatusModel& model) {
  if (rows.rows == 0) return;
  const auto share = [&](std::int64_t part) {
    return static_cast<double>(part) / static_cast<double>(rows.rows);
  };
  model.out_of_range_share = share(rows.out_of_range);
  model.missing_share = share(rows.missing);
  model.not_finite_share = share(rows.not_finite);
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
      status.drift_minutes = UnknownMinutes();
  if (record.served == nullptr) return status;
  status.loaded_at = record.served->loaded_at;
  status.architecture = ArchitectureText(*record.served->network);
  return status;
}

void AddHistory(const ServedModel& served, const VersionHistory& history,
                std::chrono::steady_clock::time_point now, StatusModel& model) {
  history.FillTraffic(model, now);
  if (history.layers() != nullptr) AddRows(history.layers()->RowsOfHour(now), model);
  const Network& network = *served.network;
  for (const StatusRow& row : StatusRowsOf(network)) {
    StatusLayer& layer = model.layers.emplace_back();
    layer.name = row.name;
    layer.lower_minutes = layer.upper_minutes = layer.drift.minutes = UnknownMinutes();
    if (model.layers.size() == 1) layer.units = InputWidth(network);
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

}  // namespace mlp
