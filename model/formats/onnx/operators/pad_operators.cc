// Pad, which adds values at the ends of dimensions or, with negative pads, removes them.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

enum class PadMode { kConstant, kReflect, kEdge, kWrap };

struct PadOfAxis {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

// The source position of the value at `position` of a padded axis; negative if it is filled.
std::int64_t UnpaddedPosition(PadMode mode, std::int64_t position, std::int64_t size) {
  if (position >= 0 && position < size) return position;
  switch (mode) {
    case PadMode::kConstant:
      return -1;
    case PadMode::kEdge:
      return position < 0 ? 0 : size - 1;
    case PadMode::kWrap:
      return (position % size + size) % size;
    case PadMode::kReflect: {
      if (size == 1) return 0;
      const std::int64_t period = 2 * (size - 1);
      const std::int64_t within = (position % period + period) % period;
      return within < size ? within : period - within;
    }
  }
  return -1;
}

absl::StatusOr<PadMode> PadModeOf(const Operands& operands) {
  const AttributeProto* attribute = FindAttribute(operands.node, "mode");
  const std::string name = attribute == nullptr ? "constant" : attribute->s();
  if (name == "constant") return PadMode::kConstant;
  if (name == "reflect") return PadMode::kReflect;
  if (name == "edge") return PadMode::kEdge;
  if (name == "wrap") return PadMode::kWrap;
  return absl::InvalidArgumentError(absl::StrCat(
      "attribute 'mode' is ", Quote(name), "; expected 'constant', 'reflect', 'edge' or 'wrap'"));
}

// The pads are an attribute up to operator set 10 and an input from 11 on.
absl::StatusOr<std::vector<PadOfAxis>> PadsOf(const Operands& operands, std::int64_t rank) {
  std::vector<std::int64_t> pads;
  if (auto given = IntegersAttribute(operands.node, "pads")) {
    pads = *std::move(given);
  } else {
    const absl::StatusOr<ShapeList> list = ShapeListAt(operands, 1);
    if (!list.ok()) return list.status();
    pads = list->entries;
  }
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 0; axis < rank; ++axis) axes.push_back(axis);
  if (operands.At(3) != nullptr) {
    const absl::StatusOr<ShapeList> list = ShapeListAt(operands, 3);
    if (!list.ok()) return list.status();
    axes = list->entries;
  }
  if (pads.size() != 2 * axes.size()) {
    return absl::InvalidArgumentError(absl::StrCat("it has ", CountText(pads.size(), "pad"),
                                                   "; expected ", 2 * axes.size(),
                                                   ", two for each dimension"));
  }
  std::vector<PadOfAxis> result(static_cast<std::size_t>(rank));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const absl::StatusOr<std::int64_t> axis = PlaceOfAxis(axes[i], rank);
    if (!axis.ok()) return axis.status();
    for (const std::int64_t pad : {pads[i], pads[i + axes.size()]}) {
      if (pad > -Network::kMaxWidth && pad < Network::kMaxWidth) continue;
      return absl::UnimplementedError(
          absl::StrCat("a pad is ", pad, "; supported are pads below ", Network::kMaxWidth));
    }
    result[static_cast<std::size_t>(*axis)] = {pads[i], pads[i + axes.size()]};
  }
  return result;
}

absl::StatusOr<OnnxValues> Pad(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<PadMode> mode = PadModeOf(operands);
  if (!mode.ok()) return mode.status();
  const absl::StatusOr<std::vector<PadOfAxis>> pads = PadsOf(operands, shape->rank());
  if (!pads.ok()) return pads.status();
  double fill = FloatAttribute(operands.node, "value", 0.0F);
  if (operands.At(2) != nullptr) {
    const absl::StatusOr<ConstantTensor<double>> value = NumbersOfConstantAt(operands, 2);
    if (!value.ok()) return value.status();
    if (value->values.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(InputText(operands, 2), " has ",
                                                     CountText(value->values.size(), "value"),
                                                     "; expected one, to pad with"));
    }
    fill = value->values[0];
  }
  WholeShape padded = *shape;
  for (std::int64_t k = 0; k < shape->rank(); ++k) {
    const PadOfAxis& pad = (*pads)[static_cast<std::size_t>(k)];
    if (k == shape->batch && (pad.before != 0 || pad.after != 0)) {
      return absl::UnimplementedError(
          "it pads the dimension of the batch; supported is padding the values of each row");
    }
    std::int64_t& dimension = padded.dimensions[static_cast<std::size_t>(k)];
    dimension += pad.before + pad.after;
    const std::int64_t kept = shape->dimensions[static_cast<std::size_t>(k)] +
                              std::min<std::int64_t>(0, pad.before) +
                              std::min<std::int64_t>(0, pad.after);
    if (dimension < 1 || kept < 1) {
      return absl::UnimplementedError(
          "its pads below 0 leave no value of a row; supported are rows of 1 value or more");
    }
  }
  const std::vector<std::int64_t> strides = StridesOf(shape->dimensions);
  return Wired(operands,
               MakeWiring(operands, padded,
                          [&](Place place) -> std::int64_t {
                            std::int64_t unit = 0;
                            for (std::size_t k = 0; k < place.size(); ++k) {
                              // Negative pads remove values before the others are repeated.
                              const PadOfAxis& pad = (*pads)[k];
                              const std::int64_t cut = std::max<std::int64_t>(0, -pad.before);
                              const std::int64_t kept =
                                  shape->dimensions[k] - cut + std::min<std::int64_t>(0, pad.after);
                              const std::int64_t position = UnpaddedPosition(
                                  *mode, place[k] - std::max<std::int64_t>(0, pad.before), kept);
                              if (position < 0) return Wiring::kFilled;
                              unit += (position + cut) * strides[k];
                            }
                            return unit;
                          }),
               fill);
}

}  // namespace

const std::vector<OnnxOperator>& PadOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Pad",
       "",
       1,
       4,
       {{"mode", AttributeProto::STRING},
        {"pads", AttributeProto::INTS},
        {"value", AttributeProto::FLOAT}},
       Pad},
  };
  return *operators;
}

}  // namespace mlp
