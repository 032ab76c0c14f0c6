#include "server/observe/shown_models.h"

#include <utility>

#include "server/observe/metric_family.h"

namespace mlp {
void ShownModels::Set(ByName changed) {
  const std::lock_guard lock(mutex_);
  while (!changed.empty()) {
    ByName::node_type model = changed.extract(changed.begin());
    models_.erase(model.key());
    if (!model.mapped().versions.empty()) models_.insert(std::move(model));
  }
}

void ShownModels::SetServing(bool serving) {
  const std::lock_guard lock(mutex_);
  serving_ = serving;
}

std::vector<prometheus::MetricFamily> ShownModels::Collect() const {
  prometheus::MetricFamily server = EmptyFamily("mlp_server_ready", prometheus::MetricType::Gauge,
                                                "Whether the server takes requests.");
  prometheus::MetricFamily ready =
      EmptyFamily("mlp_model_ready", prometheus::MetricType::Gauge,
                  "Whether the model answers requests that name no version.");
  prometheus::MetricFamily by_default =
      EmptyFamily("mlp_model_default_version", prometheus::MetricType::Gauge,
                  "The version that answers requests that name no version; 0 if there is none.");
  prometheus::MetricFamily held_back = EmptyFamily(
      "mlp_model_held_back", prometheus::MetricType::Gauge,
      "Whether a version is not the default only because its inputs or outputs differ.");
  prometheus::MetricFamily refused = EmptyFamily(
      "mlp_model_version_refused", prometheus::MetricType::Gauge,
      "Whether the contents of the version's folder, or the model's configuration, were refused.");
  prometheus::MetricFamily labels_of_versions = EmptyFamily(
      "mlp_model_label_version", prometheus::MetricType::Gauge, "The version that a label names.");
  prometheus::MetricFamily loaded =
      EmptyFamily("mlp_model_loaded_timestamp_seconds", prometheus::MetricType::Gauge,
                  "When a served version was loaded, in Unix time.");
  const std::lock_guard lock(mutex_);
  AddSample(server, {}, serving_ ? 1 : 0);
  for (const auto& [name, model] : models_) {
    if (model.unloaded) continue;
    for (const auto& [label, version] : model.labels) {
      AddSample(labels_of_versions, {{"model", name}, {"label", label}},
                static_cast<double>(version));
    }
    AddSample(ready, {{"model", name}}, serving_ && model.default_version > 0 ? 1 : 0);
    AddSample(by_default, {{"model", name}}, static_cast<double>(model.default_version));
    for (const ShownVersion& version : model.versions) {
      const SampleLabels labels = {{"model", name}, {"version", version.version}};
      AddSample(refused, labels, version.refused ? 1 : 0);
      if (!version.ready) continue;
      AddSample(held_back, labels, version.held_back ? 1 : 0);
      AddSample(loaded, labels, version.loaded_at_seconds);
    }
  }
  return {std::move(server),    std::move(ready),   std::move(by_default),
          std::move(held_back), std::move(refused), std::move(labels_of_versions),
          std::move(loaded)};
}

}  // namespace mlp
