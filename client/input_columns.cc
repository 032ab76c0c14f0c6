#include "client/input_columns.h"

#include <cstddef>

namespace mlp {

std::optional<std::int64_t> WidthOf(const TensorMetadata& input) {
  if (input.shape.empty()) return std::nullopt;
  std::int64_t width = 1;
  for (std::size_t i = 1; i < input.shape.size(); ++i) {
    if (input.shape[i] < 0 || __builtin_mul_overflow(width, input.shape[i], &width)) {
      return std::nullopt;
    }
  }
  return width;
}

TextColumns TextColumnsOf(const ModelMetadata& model) {
  TextColumns columns;
  if (model.inputs.size() == 1) {
    if (TakesTexts(model.inputs[0])) columns.Add(0, TextColumns::kAllThatFollow);
    return columns;
  }
  std::int64_t first = 0;
  for (const TensorMetadata& input : model.inputs) {
    const std::optional<std::int64_t> width = WidthOf(input);
    std::int64_t end = 0;
    if (!width.has_value() || __builtin_add_overflow(first, *width, &end)) break;
    if (TakesTexts(input) && *width > 0) columns.Add(first, end);
    first = end;
  }
  return columns;
}

}  // namespace mlp
