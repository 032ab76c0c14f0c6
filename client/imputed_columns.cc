#include "client/imputed_columns.h"

#include <cstddef>
#include <nlohmann/json.hpp>

namespace mlp {

bool IsImputed(const ModelMetadata& model, absl::string_view layers_json, std::int64_t column) {
  std::size_t input = 0;
  for (; input < model.inputs.size(); ++input) {
    std::int64_t width = 1;
    for (std::size_t i = 1; i < model.inputs[input].shape.size(); ++i) {
      width *= model.inputs[input].shape[i];
    }
    if (column < width) break;
    column -= width;
  }
  const auto layers = nlohmann::json::parse(layers_json, /*cb=*/nullptr,
                                            /*allow_exceptions=*/false);
  if (!layers.is_array()) return false;
  for (const nlohmann::json& layer : layers) {
    if (!layer.is_object() || !layer.contains("imputes") || !layer["imputes"].is_array()) continue;
    for (const nlohmann::json& range : layer["imputes"]) {  // [input, first, width]
      if (!range.is_array() || range.size() != 3 || !range[0].is_number_integer() ||
          !range[1].is_number_integer() || !range[2].is_number_integer()) {
        continue;
      }
      const std::int64_t first = range[1].get<std::int64_t>();
      if (range[0].get<std::int64_t>() == static_cast<std::int64_t>(input) && column >= first &&
          column - first < range[2].get<std::int64_t>()) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace mlp
