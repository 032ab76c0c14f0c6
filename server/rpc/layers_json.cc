#include "server/rpc/layers_json.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// The shortest decimal that identifies the float: 0.1 rather than 0.10000000149011612.
double Shortest(float value) {
  double shortest = value;
  const bool parsed = absl::SimpleAtod(absl::StrCat(value), &shortest);
  return parsed ? shortest : static_cast<double>(value);
}

// Sets member `key` to the units' values, if any unit has one; NaN marks a unit without one.
void SetRange(const char* key, const std::vector<float>& values, nlohmann::json& object) {
  std::vector<float> present;
  std::copy_if(values.begin(), values.end(), std::back_inserter(present),
               [](float value) { return !std::isnan(value); });
  if (present.empty()) return;
  const auto [smallest, largest] = std::minmax_element(present.begin(), present.end());
  if (*smallest == *largest) {
    object[key] = Shortest(*smallest);
  } else {
    object[key] = {Shortest(*smallest), Shortest(*largest)};
  }
}

// The input columns whose missing values `layer` fills, each as [input, first, width]. The layer
// reads them itself, or through layers that only concatenate values.
nlohmann::json ImputedColumns(const Network& network, const Layer& layer) {
  nlohmann::json columns = nlohmann::json::array();
  for (const Source& source : layer.sources) {
    if (source.is_input()) {
      columns.push_back({source.input(), source.first, source.width});
      continue;
    }
    const Layer& behind = network.layers()[static_cast<std::size_t>(source.layer)];
    if (behind.combination() != Combination::kConcat || behind.is_proper()) continue;
    std::int64_t begin = 0;  // of `part`, among the units of the layer behind
    for (const Source& part : behind.sources) {
      const std::int64_t first = std::max(begin, source.first);
      const std::int64_t end = std::min(begin + part.width, source.first + source.width);
      if (part.is_input() && first < end) {
        columns.push_back({part.input(), part.first + first - begin, end - first});
      }
      begin += part.width;
    }
  }
  return columns;
}

}  // namespace

std::string LayersJson(const Evaluator& evaluator) {
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t i = 0; i < evaluator.network().layers().size(); ++i) {
    const Layer& layer = evaluator.network().layers()[i];
    const ActivationInfo& activation = InfoOf(layer.activation.kind);
    nlohmann::json object = {
        {"name", layer.name},
        {"inputs", layer.inputs},
        {"units", layer.units},
        {"activation", std::string(activation.name)},
        {"parameters", layer.parameter_count()},
    };
    if (layer.combination() != Combination::kDense) {
      object["combination"] = std::string(NameOf(layer.combination()));
      const std::string operation = OperationText(layer.operation);
      if (!operation.empty()) object["operation"] = operation;
    }
    const auto* imputation = std::get_if<Imputation>(&layer.operation);
    if (imputation != nullptr && std::isnan(imputation->missing)) {
      object["imputes"] = ImputedColumns(evaluator.network(), layer);
    }
    nlohmann::json activation_parameters = nlohmann::json::object();
    for (std::size_t k = 0; k < activation.parameters.size(); ++k) {
      const float value = layer.activation.parameters[k];
      // JSON has no infinity. It stands for "no limit", as leaving the parameter out does.
      if (!std::isfinite(value)) continue;
      SetRange(std::string(activation.parameters[k].name).c_str(), {value}, activation_parameters);
    }
    SetRange("alpha", layer.activation.unit_alpha, activation_parameters);
    if (!activation_parameters.empty()) {
      object["activation_parameters"] = std::move(activation_parameters);
    }
    SetRange("lower_tail", evaluator.saturation_bounds()[i].lower, object);
    SetRange("upper_tail", evaluator.saturation_bounds()[i].upper, object);
    layers.push_back(std::move(object));
  }
  return layers.dump();
}

}  // namespace mlp
