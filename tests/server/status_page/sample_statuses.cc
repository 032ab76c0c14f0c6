#include "tests/server/status_page/sample_statuses.h"

#include <chrono>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "tests/server/status_page/healthy_parts.h"

namespace mlp {

Status HealthyStatus() {
  StatusModel relu = Digits("digits-relu", 40);
  relu.version = "2";
  relu.labels = {"stable"};
  relu.architecture = "64-128-64-10, relu, 17,226 parameters";
  StatusModel older = relu;
  older.version = "1";
  older.is_default = false;
  older.labels = {"previous"};
  older.requests_per_second = 1.4;
  older.request_minutes = Around(1.5, 0.6, 77);
  return Around({Digits("credit-risk", 20), relu, older, Digits("digits-sigmoid", 3)});
}

Status SaturatingStatus() {
  Status status = HealthyStatus();
  StatusModel& model = status.models.back();
  model.marks = {{5, "loaded"}, {22, "hidden_1: drift alarm"}};
  model.loaded_at = kNow - std::chrono::minutes(54);
  StatusLayer& layer = model.layers[1];
  layer.lower_share.value = 0.41;
  layer.lower_minutes = Step(0.031, 0.41, 17, 5);
  layer.dead_units.value = 3;
  layer.mean.value = 0.21;
  layer.gradient_gain.value = 0.048;
  layer.drift.ratio = 6.04;
  layer.drift.effect = 0.41;
  layer.drift.alarms = 1;
  layer.drift.alarmed = true;
  layer.drift.minutes = Step(0.68, 6.0, 18, 6);
  layer.shape = SigmoidShape(-5.3, 3.1);
  model.layers[0].drift.ratio = 3.4;
  model.layers[0].drift.minutes = Step(0.6, 3.4, 18, 8);
  model.layers[2].lower_share.value = 0.009;
  model.layers[2].drift.ratio = 1.9;
  model.layers[2].drift.minutes = Step(0.7, 1.9, 19, 9);
  model.drift_ratio = 6.04;
  model.drift_minutes = Step(0.68, 6.0, 18, 6);
  model.moved_inputs = {{"pixels[7]", 3.9},   {"pixels[12]", 3.1},  {"pixels[28]", -0.9},
                        {"pixels[29]", 0.62}, {"pixels[30]", 0.41}, {"pixels[44]", -0.3}};
  model.moved_classes = {{"1", {0.31, 0.101}}, {"8", {0.021, 0.099}}, {"7", {0.13, 0.1}}};
  model.out_of_range_share = 0.37;
  model.findings = {
      "hidden_1 saturates since 14:05, lower tail, 3.1 % to 41 %; first seen in inputs 7, 12",
      "hidden_1 drifts since 14:06, ratio 6.0; inputs drift, too, ratio 3.4",
      "37 % of rows have a value outside the baseline's range"};
  return status;
}

Status DriftingStatus() {
  Status status = HealthyStatus();
  StatusModel& model = status.models.back();
  model.marks = {{31, "hidden_1: drift alarm"}, {33, "hidden_2: drift alarm"}};
  model.refusals = {{"queue_full", 12'400}, {"deadline", 310}, {"shape", 4}, {"quota", 2}};
  model.refused_per_second = 21;
  model.refused_minutes = Step(0, 21, 40, 2);
  model.errors = 3;
  const double ratios[] = {0.57, 6.0, 11.9, 1.2};
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    StatusDrift& drift = model.layers[i].drift;
    drift.ratio = ratios[i];
    drift.alarmed = ratios[i] > 2;
    drift.minutes = i == 0 ? Around(0.57, 0.2, 8) : Step(0.65, ratios[i], 29, i);
  }
  model.layers[2].upper_share.value = 0.001;
  model.layers[2].upper_share.reference = 0.16;
  model.layers[2].upper_minutes = Step(0.16, 0.001, 29, 3);
  model.drift_ratio = 11.9;
  model.drift_minutes = Step(0.68, 11.9, 29, 6);
  model.findings = {
      "hidden_2 drifts since 14:18, ratio 11.9, and hidden_1, ratio 6.0, while the inputs do not "
      "(0.57): each value looks right, but not their combination: check for a wrong join, or "
      "swapped or torn features"};
  return status;
}

Status EmptyStatus() {
  StatusModel model;
  model.name = "digits-tanh";
  model.version = "1";
  model.is_default = true;
  model.state = "READY";
  model.loaded_at = kNow - std::chrono::minutes(2);
  model.architecture = "64-64-32-10, tanh, 6,570 parameters";
  for (const char* const name : {"inputs", "hidden_1", "hidden_2", "outputs"}) {
    StatusLayer layer;
    layer.name = name;
    layer.units = 64;
    model.layers.push_back(layer);
  }
  StatusModel refused;
  refused.name = "fraud";
  refused.version = "3";
  refused.state = "refused: fraud/3/model.onnx: node 'conv1' is a Conv; expected dense layers";
  StatusModel loading;
  loading.name = "churn";
  loading.version = "7";
  loading.state = "LOADING";
  StatusModel other = Digits("scores", 4);
  other.baseline = "";
  other.baseline_error = "baseline.safetensors is of another network; expected digest 3f2a…";
  other.drift_ratio = kUnknown;
  other.drift_minutes = UnknownMinutes();
  for (StatusLayer& layer : other.layers) {
    layer.drift = {};
    for (StatusFigure* figure : {&layer.lower_share, &layer.upper_share}) {
      figure->reference = kUnknown;
    }
  }
  other.moved_inputs.clear();
  other.moved_classes.clear();
  other.out_of_range_share = kUnknown;
  return Around({loading, model, refused, other});
}

Status StartingStatus() {
  Status status = Around(std::vector<StatusModel>{});
  status.ready = false;
  status.started = kNow - std::chrono::seconds(4);
  return status;
}

Status ManyModelsStatus(int models) {
  std::vector<StatusModel> all;
  for (int i = 0; i < models; ++i) {
    StatusModel model = Digits(absl::StrCat("model-", i + 1), static_cast<std::size_t>(i));
    if (i % 17 == 5) model = SaturatingStatus().models.back();
    model.name = absl::StrCat("model-", i + 1);
    all.push_back(model);
  }
  return Around(std::move(all));
}

Status ManyLayersStatus(int layers) {
  StatusModel model = Digits("deep", 7);
  model.architecture = absl::StrCat(layers, " layers of 32, sigmoid");
  model.layers.clear();
  model.layers.push_back(End("inputs", 64, 1));
  for (int i = 1; i <= layers; ++i) {
    StatusLayer layer = Hidden(i, static_cast<std::size_t>(i));
    if (i % 23 == 11) {
      layer = SaturatingStatus().models.back().layers[1];
      layer.name = absl::StrCat("hidden_", i);
    }
    model.layers.push_back(layer);
  }
  model.layers.push_back(End("outputs", 10, 2));
  model.drift_ratio = 6.04;
  model.marks = {{22, "hidden_11: drift alarm"}};
  model.findings = {"hidden_11 saturates since 14:05, lower tail, 3.1 % to 41 %"};
  return Around({model});
}

Status HostileStatus() {
  const std::string attack = "\"'><script>alert(1)</script>&amp;\xff\xe2\x80\xae</style>\n";
  Status status = SaturatingStatus();
  status.server_version = attack;
  StatusModel model;
  model.name = attack + "/../a b?#";
  model.version = attack;
  model.state = attack;
  model.architecture = attack;
  model.baseline = attack;
  model.baseline_error = attack;
  model.labels.assign(1000, attack);
  model.findings.assign(1000, attack);
  model.refusals = {{attack, 3}};
  model.marks.assign(1000, {7, attack});
  model.marks.push_back({-1, attack});
  model.marks.push_back({1 << 30, attack});
  model.moved_inputs.assign(1000, {attack, HUGE_VAL});
  model.moved_classes.assign(1000, {attack, {kUnknown, HUGE_VAL}});
  model.latency = {.bounds = {}, .buckets = {5}};
  StatusLayer layer;
  layer.name = attack;
  layer.activation = attack;
  layer.lower_minutes[3] = HUGE_VAL;
  layer.drift.minutes[4] = HUGE_VAL;
  layer.shape = SigmoidShape(0, 1);
  layer.shape.curve_a[7] = kUnknown;
  layer.shape.lower_tail = kUnknown;
  StatusLayer shapeless = layer;
  shapeless.shape.bounds.back() = HUGE_VAL;
  model.layers = {layer, shapeless};
  status.models = {model};
  return status;
}

std::vector<SampleStatus> SampleStatuses() {
  return {{"healthy", "/models/digits-sigmoid", HealthyStatus()},
          {"overview", "/", SaturatingStatus()},
          {"saturating", "/models/digits-sigmoid", SaturatingStatus()},
          {"drifting", "/models/digits-sigmoid", DriftingStatus()},
          {"empty", "/", EmptyStatus()},
          {"empty-model", "/models/digits-tanh", EmptyStatus()},
          {"no-baseline", "/models/scores", EmptyStatus()},
          {"starting", "/", StartingStatus()},
          {"not-found", "/models/none", HealthyStatus()},
          {"50-models", "/", ManyModelsStatus(50)},
          {"100-layers", "/models/deep", ManyLayersStatus(100)},
          {"hostile", "/", HostileStatus()}};
}

}  // namespace mlp
