#include "model/row_operation_checks.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

absl::Status Refused(const Layer& layer, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("layer '", layer.name, "': ", what));
}

bool IsSize(std::int64_t size) { return size >= 1 && size <= Network::kMaxWidth; }

// Checks that `values` are `count` finite numbers.
absl::Status CheckValues(const Layer& layer, absl::string_view what,
                         const std::vector<float>& values, std::int64_t count) {
  if (static_cast<std::int64_t>(values.size()) != count) {
    return absl::InvalidArgumentError(absl::StrCat(what, " of layer '", layer.name, "' hold ",
                                                   values.size(), " values; expected ", count));
  }
  const auto broken =
      std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  if (broken == values.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " of layer '", layer.name, "' hold ",
                                                 *broken, " at position ", broken - values.begin(),
                                                 "; expected finite numbers"));
}

absl::Status CheckDetail(const Layer& layer, const Dense& detail) {
  if (auto status = CheckValues(layer, "the weights", detail.weights, layer.inputs * layer.units);
      !status.ok()) {
    return status;
  }
  return CheckValues(layer, "the biases", detail.bias, layer.units);
}

absl::Status CheckDetail(const Layer&, const Concatenation&) { return absl::OkStatus(); }
absl::Status CheckDetail(const Layer&, const Sum&) { return absl::OkStatus(); }
absl::Status CheckDetail(const Layer&, const Product&) { return absl::OkStatus(); }
absl::Status CheckDetail(const Layer&, const Maximum&) { return absl::OkStatus(); }
absl::Status CheckDetail(const Layer&, const Minimum&) { return absl::OkStatus(); }

absl::Status CheckDetail(const Layer& layer, const Affine& detail) {
  if (auto status = CheckValues(layer, "the scales", detail.scale, layer.units); !status.ok()) {
    return status;
  }
  if (auto status = CheckValues(layer, "the shifts", detail.shift, layer.units); !status.ok()) {
    return status;
  }
  if (detail.center.empty()) return absl::OkStatus();
  return CheckValues(layer, "the centers", detail.center, layer.units);
}

absl::Status CheckDetail(const Layer& layer, const Normalization& detail) {
  if (detail.epsilon >= 0.0F && std::isfinite(detail.epsilon)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the epsilon of layer '", layer.name, "' is ",
                                                 detail.epsilon,
                                                 "; expected a finite number of 0 or more"));
}

absl::Status CheckDetail(const Layer& layer, const Imputation& detail) {
  return CheckValues(layer, "the values for missing ones", detail.values, layer.units);
}

absl::Status CheckDetail(const Layer& layer, const Quantization& detail) {
  const bool finite = std::isfinite(detail.scale) && std::isfinite(detail.zero_point) &&
                      std::isfinite(detail.lowest) && std::isfinite(detail.highest);
  if (finite && detail.scale > 0.0F && detail.lowest <= detail.highest) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the quantisation of layer '", layer.name, "' has the scale ", detail.scale,
      ", the zero point ", detail.zero_point, " and the bounds ", detail.lowest, " and ",
      detail.highest, "; expected finite numbers, a scale above 0 and bounds in order"));
}

// Constants may be infinite, as in masks. Their number is the layer's width.
absl::Status CheckDetail(const Layer&, const Constant&) { return absl::OkStatus(); }

absl::Status CheckDetail(const Layer& layer, const UnitFunction& detail) {
  if (detail.function == nullptr) return Refused(layer, "it has no function");
  const auto sources = static_cast<int>(std::min<std::size_t>(layer.sources.size(), 1 << 20));
  if (sources < detail.function->fewest_operands || sources > detail.function->most_operands) {
    return Refused(layer, absl::StrCat(detail.function->name, " has ", sources,
                                       " sources; expected ", detail.function->fewest_operands,
                                       " to ", detail.function->most_operands));
  }
  if (detail.parameters.size() != detail.function->parameters.size()) {
    return Refused(layer,
                   absl::StrCat(detail.function->name, " has ", detail.parameters.size(),
                                " parameters; expected ", detail.function->parameters.size()));
  }
  for (const double parameter : detail.parameters) {
    if (!std::isfinite(parameter)) {
      return Refused(layer, absl::StrCat("a parameter is ", parameter, "; expected a finite one"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckDetail(const Layer& layer, const Reduction& detail) {
  if (IsSize(detail.outer) && IsSize(detail.count) && IsSize(detail.inner)) return absl::OkStatus();
  return Refused(layer,
                 absl::StrCat("it reduces [", detail.outer, ",", detail.count, ",", detail.inner,
                              "]; expected sizes from 1 to ", Network::kMaxWidth));
}

absl::Status CheckDetail(const Layer& layer, const Selection& detail) {
  const auto wrong = std::find_if(detail.units.begin(), detail.units.end(), [&](std::int32_t unit) {
    return unit < 0 || unit >= layer.inputs;
  });
  if (wrong == detail.units.end()) return absl::OkStatus();
  return Refused(layer, absl::StrCat("it selects unit ", *wrong, ", but there are ", layer.inputs));
}

absl::Status CheckDetail(const Layer& layer, const Lookup& detail) {
  if (!IsSize(detail.width) || detail.table.empty() ||
      static_cast<std::int64_t>(detail.table.size()) % detail.width != 0) {
    return Refused(layer, absl::StrCat("its table has ", detail.table.size(),
                                       " values; expected some rows of ", detail.width));
  }
  if (!detail.keys.empty() && static_cast<std::int64_t>(detail.keys.size()) != detail.entries()) {
    return Refused(layer, absl::StrCat("its table has ", detail.entries(), " rows and ",
                                       detail.keys.size(), " keys"));
  }
  if (!detail.default_row.empty() &&
      static_cast<std::int64_t>(detail.default_row.size()) != detail.width) {
    return Refused(layer, absl::StrCat("the row for unknown values has ", detail.default_row.size(),
                                       " values; expected ", detail.width));
  }
  for (std::size_t i = 1; i < detail.keys.size(); ++i) {
    if (detail.keys[i - 1] < detail.keys[i]) continue;
    if (std::isnan(detail.keys[i]) && !std::isnan(detail.keys[i - 1])) continue;
    return Refused(layer, absl::StrCat("its keys ", detail.keys[i - 1], " and ", detail.keys[i],
                                       " are not in ascending order"));
  }
  return absl::OkStatus();
}

absl::Status CheckDetail(const Layer& layer, const MatrixProduct& detail) {
  if (!IsSize(detail.batch) || !IsSize(detail.rows) || !IsSize(detail.depth) ||
      !IsSize(detail.columns)) {
    return Refused(layer,
                   absl::StrCat("it multiplies ", detail.batch, " matrices [", detail.rows, ",",
                                detail.depth, "] by [", detail.depth, ",", detail.columns,
                                "]; expected sizes from 1 to ", Network::kMaxWidth));
  }
  return absl::OkStatus();
}

// The product of three sizes up to kMaxWidth; a value above kMaxWidth stands for any product too
// large for a layer.
std::int64_t CappedProduct(std::int64_t a, std::int64_t b, std::int64_t c) {
  const std::int64_t ab = a * b;
  return ab > Network::kMaxWidth ? ab : ab * c;
}

// The width of all sources together; -1 without sources.
std::int64_t UnitsTogether(const Layer& layer) { return layer.sources.empty() ? -1 : layer.inputs; }

// The width of each source; -1 if they differ or there are none.
std::int64_t UnitsOfEach(const Layer& layer) {
  if (layer.sources.empty()) return -1;
  const std::int64_t width = layer.sources.front().width;
  const bool equal = std::all_of(layer.sources.begin(), layer.sources.end(),
                                 [&](const Source& source) { return source.width == width; });
  return equal ? width : -1;
}

std::int64_t UnitsOf(const Layer& layer, const Dense&) {
  return layer.sources.empty() ? -1 : layer.units;
}
std::int64_t UnitsOf(const Layer& layer, const Concatenation&) { return UnitsTogether(layer); }
std::int64_t UnitsOf(const Layer& layer, const Sum&) { return UnitsOfEach(layer); }
std::int64_t UnitsOf(const Layer& layer, const Product&) { return UnitsOfEach(layer); }
std::int64_t UnitsOf(const Layer& layer, const Maximum&) { return UnitsOfEach(layer); }
std::int64_t UnitsOf(const Layer& layer, const Minimum&) { return UnitsOfEach(layer); }
std::int64_t UnitsOf(const Layer& layer, const Affine&) { return UnitsTogether(layer); }
std::int64_t UnitsOf(const Layer& layer, const Normalization&) { return UnitsTogether(layer); }
std::int64_t UnitsOf(const Layer& layer, const Imputation&) { return UnitsTogether(layer); }
std::int64_t UnitsOf(const Layer& layer, const Quantization&) { return UnitsTogether(layer); }
std::int64_t UnitsOf(const Layer& layer, const Constant& detail) {
  return layer.sources.empty() ? static_cast<std::int64_t>(detail.values.size()) : -1;
}
std::int64_t UnitsOf(const Layer& layer, const UnitFunction&) { return UnitsOfEach(layer); }

std::int64_t UnitsOf(const Layer& layer, const Reduction& detail) {
  const bool takes = layer.sources.size() == 1 &&
                     CappedProduct(detail.outer, detail.count, detail.inner) == layer.inputs;
  return takes ? detail.outer * detail.inner : -1;
}

std::int64_t UnitsOf(const Layer& layer, const Selection& detail) {
  return layer.sources.size() == 1 ? static_cast<std::int64_t>(detail.units.size()) : -1;
}

std::int64_t UnitsOf(const Layer& layer, const Lookup& detail) {
  const bool takes = layer.sources.size() == 1 && layer.inputs <= Network::kMaxWidth;
  return takes ? layer.inputs * detail.width : -1;
}

std::int64_t UnitsOf(const Layer& layer, const MatrixProduct& detail) {
  const bool takes =
      layer.sources.size() == 2 &&
      layer.sources[0].width == CappedProduct(detail.batch, detail.rows, detail.depth) &&
      layer.sources[1].width == CappedProduct(detail.batch, detail.depth, detail.columns);
  return takes ? CappedProduct(detail.batch, detail.rows, detail.columns) : -1;
}

}  // namespace

std::int64_t UnitsOfOperation(const Layer& layer) {
  return std::visit([&](const auto& detail) { return UnitsOf(layer, detail); }, layer.operation);
}

absl::Status CheckOperation(const Layer& layer) {
  return std::visit([&](const auto& detail) { return CheckDetail(layer, detail); },
                    layer.operation);
}

}  // namespace mlp
