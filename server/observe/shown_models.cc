#include "server/observe/shown_models.h"

#include <utility>

namespace mlp {
namespace {

prometheus::MetricFamily Gauge(const char* name, const char* help) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = prometheus::MetricType::Gauge;
  return family;
}

void AddSample(std::vector<prometheus::ClientMetric::Label> labels, double value,
               prometheus::MetricFamily& family) {
  prometheus::ClientMetric& sample = family.metric.emplace_back();
  sample.label = std::move(labels);
  sample.gauge.value = value;
}

}  // namespace

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
  prometheus::MetricFamily server = Gauge("mlp_server_ready", "Whether the server takes requests.");
  prometheus::MetricFamily ready =
      Gauge("mlp_model_ready", "Whether the model answers requests that name no version.");
  prometheus::MetricFamily by_default = Gauge(
      "mlp_model_default_version", "The version that answers requests without one; 0: none does.");
  prometheus::MetricFamily held_back =
      Gauge("mlp_model_held_back",
            "Whether only its other inputs or outputs keep a version from being the default.");
  prometheus::MetricFamily refused =
      Gauge("mlp_model_version_refused",
            "Whether what the folder of a version holds could not be loaded.");
  prometheus::MetricFamily labels_of_versions =
      Gauge("mlp_model_label_version", "The version that a label names.");
  prometheus::MetricFamily loaded = Gauge("mlp_model_loaded_timestamp_seconds",
                                          "When a served version was loaded, in Unix time.");
  const std::lock_guard lock(mutex_);
  AddSample({}, serving_ ? 1 : 0, server);
  for (const auto& [name, model] : models_) {
    if (model.unloaded) continue;
    for (const auto& [label, version] : model.labels) {
      AddSample({{"model", name}, {"label", label}}, static_cast<double>(version),
                labels_of_versions);
    }
    AddSample({{"model", name}}, serving_ && model.default_version > 0 ? 1 : 0, ready);
    AddSample({{"model", name}}, static_cast<double>(model.default_version), by_default);
    for (const ShownVersion& version : model.versions) {
      const std::vector<prometheus::ClientMetric::Label> labels = {{"model", name},
                                                                   {"version", version.version}};
      AddSample(labels, version.refused ? 1 : 0, refused);
      if (!version.ready) continue;
      AddSample(labels, version.held_back ? 1 : 0, held_back);
      AddSample(labels, version.loaded_at_seconds, loaded);
    }
  }
  return {std::move(server),    std::move(ready),   std::move(by_default),
          std::move(held_back), std::move(refused), std::move(labels_of_versions),
          std::move(loaded)};
}

}  // namespace mlp
