// Convolutions over small images: each position of the result is a dense layer over the pixels in
// its window.

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/contraction.h"
#include "model/formats/onnx/operators/image_window.h"
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

absl::StatusOr<OnnxValue> ReshapedValue(const Operands& operands, const OnnxValue& value,
                                        const WholeShape& shape) {
  const absl::StatusOr<Wiring> same = InOrder(operands, shape);
  if (!same.ok()) return same.status();
  return WiredAt(OnlyOperand(operands, value).get(), 0, *same);
}

absl::StatusOr<OnnxValue> WithBias(const Operands& operands, Signal z) {
  if (operands.At(2) == nullptr) return z;
  const absl::StatusOr<ConstantTensor<double>> bias = NumbersOfConstantAt(operands, 2);
  if (!bias.ok()) return bias.status();
  const auto channels = static_cast<std::size_t>(z.row_shape[0]);
  if (bias->values.size() != channels) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 2), " has ", CountText(bias->values.size(), "value"),
                     "; expected ", channels, ", one for each channel"));
  }
  const auto width = static_cast<std::size_t>(WidthOf(z.row_shape));
  std::vector<double> values(width);
  for (std::size_t i = 0; i < width; ++i) values[i] = bias->values[i / (width / channels)];
  z.node = AddElementwise(operands, "Add", {z.node, AddConstant(operands, std::move(values))}, {},
                          static_cast<std::int64_t>(width));
  return z;
}

absl::StatusOr<OnnxValues> Conv(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = ImagesAt(operands);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<OnnxConstant> weights = ConstantAt(operands, 1);
  if (!weights.ok()) return weights.status();
  const std::vector<std::int64_t> dimensions = weights->Dimensions();
  const std::int64_t channels = shape->dimensions[1];
  const std::int64_t groups = IntegerAttribute(operands.node, "group", 1);
  const bool fits =
      dimensions.size() == shape->dimensions.size() && groups >= 1 && channels % groups == 0 &&
      dimensions[1] == channels / groups && dimensions[0] >= 1 && dimensions[0] % groups == 0 &&
      std::all_of(dimensions.begin(), dimensions.end(),
                  [](std::int64_t size) { return size >= 1 && size <= Network::kMaxWidth; });
  const std::vector<std::int64_t> kernel(
      dimensions.begin() +
          std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(dimensions.size())),
      dimensions.end());
  const auto given = IntegersAttribute(operands.node, "kernel_shape");
  if (!fits || (given.has_value() && *given != kernel)) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 1), " has dimensions ", ShapeText(dimensions),
                     " for images of shape ", TextOf(*shape), " in ", CountText(groups, "group"),
                     "; expected [units,channels of a group,kernel_shape]"));
  }
  const absl::StatusOr<ImageWindow> window = ImageWindowOf(operands, *shape, kernel);
  if (!window.ok()) return window.status();
  const absl::StatusOr<Wiring> seen = PixelsSeen(operands, *shape, *window);
  if (!seen.ok()) return seen.status();
  absl::StatusOr<OnnxValue> pixels = WiredAt(operands, 0, *seen, 0.0);
  if (!pixels.ok()) return pixels.status();
  const std::int64_t depth = channels / groups * window->pixels;
  const std::int64_t made = dimensions[0] / groups;
  pixels = ReshapedValue(operands, *pixels, {{1, groups, depth, window->places}, 0});
  if (!pixels.ok()) return pixels.status();
  // The weights are no more than the file has, so their shape needs no separate limit.
  if (auto status =
          TakeBytes("its weights", static_cast<std::int64_t>(weights->tensor->SpaceUsedLong()),
                    operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  onnx::TensorProto& matrix = operands.conversion.made_tensors.emplace_back(*weights->tensor);
  matrix.clear_dims();
  for (const std::int64_t size : {groups, made, depth}) matrix.add_dims(size);
  constexpr int kBatch = 0;
  constexpr int kGroup = 1;
  constexpr int kDepth = 2;
  constexpr int kPlace = 3;
  constexpr int kMade = 4;
  absl::StatusOr<OnnxValue> z =
      Contract(operands, {*pixels, {kBatch, kGroup, kDepth, kPlace}},
               {OnnxConstant{&matrix}, {kGroup, kMade, kDepth}}, {kBatch, kGroup, kMade, kPlace});
  if (!z.ok()) return z.status();
  auto signal = std::get<Signal>(*std::move(z));
  signal.row_shape = {dimensions[0]};
  for (const std::int64_t places : PlacesOf(*window)) signal.row_shape.push_back(places);
  absl::StatusOr<OnnxValue> result = WithBias(operands, std::move(signal));
  if (!result.ok()) return result.status();
  return SingleValue(*std::move(result));
}

}  // namespace

const std::vector<OnnxOperator>& ConvolutionOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Conv",
       "",
       2,
       3,
       {{"auto_pad", AttributeProto::STRING},
        {"dilations", AttributeProto::INTS},
        {"group", AttributeProto::INT},
        {"kernel_shape", AttributeProto::INTS},
        {"pads", AttributeProto::INTS},
        {"strides", AttributeProto::INTS}},
       Conv},
  };
  return *operators;
}

}  // namespace mlp
