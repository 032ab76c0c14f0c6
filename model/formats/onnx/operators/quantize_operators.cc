// QuantizeLinear and DequantizeLinear, for rows and for trained values, and QONNX's Quant, which
// combines both. Sources: ONNX's Operators.md, ONNX Runtime's ContribOperators.md, and qonnx's
// docs/qonnx-custom-ops/quant_op.md.

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/quantization.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr char kQonnx[] = "qonnx.custom_op.general";

// Finds the scale of each value of a tensor: one for all values, one for each position along an
// axis, or one for each block of values along it.
class ScalePlaces {
 public:
  static absl::StatusOr<ScalePlaces> Of(const Operands& operands,
                                        const std::vector<std::int64_t>& dimensions,
                                        const Steps& steps) {
    ScalePlaces places;
    if (steps.scales.size() == 1) return places;
    const auto rank = static_cast<std::int64_t>(dimensions.size());
    std::int64_t axis = IntegerAttribute(operands.node, "axis", 1);
    if (axis < 0) axis += rank;
    std::int64_t block = IntegerAttribute(operands.node, "block_size", 0);
    // A vector has no axis 1, the default of a missing axis.
    if (axis == rank && rank == 1) axis = 0;
    if (axis < 0 || axis >= rank || block < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("axis ", axis, " and block_size ", block, " do not fit dimensions ",
                       ShapeText(dimensions), "; expected an axis of these"));
    }
    places.along_ = dimensions[static_cast<std::size_t>(axis)];
    for (auto i = static_cast<std::size_t>(axis) + 1; i < dimensions.size(); ++i) {
      places.stride_ *= dimensions[i];
    }
    block = std::min(block, places.along_);
    places.block_ = block;
    if (block > 0) {
      std::int64_t outer = 1;
      for (std::int64_t i = 0; i < axis; ++i) outer *= dimensions[static_cast<std::size_t>(i)];
      places.blocks_ = (places.along_ + block - 1) / block;
      places.expected_ = outer * places.blocks_ * places.stride_;
    } else {
      places.expected_ = places.along_;
    }
    if (places.expected_ == static_cast<std::int64_t>(steps.scales.size())) return places;
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", CountText(steps.scales.size(), "scale"), " for dimensions ",
                     ShapeText(dimensions), "; expected 1 or ", places.expected_));
  }

  std::size_t At(std::size_t value) const {
    if (along_ == 0) return 0;
    const auto i = static_cast<std::int64_t>(value);
    const std::int64_t position = i / stride_ % along_;
    if (block_ == 0) return static_cast<std::size_t>(position);
    const std::int64_t outer = i / (stride_ * along_);
    const std::int64_t row = outer * blocks_ + position / block_;
    return static_cast<std::size_t>(row * stride_ + i % stride_);
  }

 private:
  std::int64_t along_ = 0;  // 0 means one scale for all values
  std::int64_t stride_ = 1;
  std::int64_t block_ = 0;
  std::int64_t blocks_ = 0;
  std::int64_t expected_ = 1;
};

// A new constant with the shape of another; `make` computes each value from the other's.
template <typename Make>
absl::StatusOr<OnnxValues> MadeConstant(const Operands& operands, const Steps& steps, int type,
                                        const Make& make) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  ConstantLimits& limits = operands.conversion.limits;
  const absl::StatusOr<ConstantTensor<double>> x = ReadNumbers(*constant, limits);
  if (!x.ok()) return x.status();
  const absl::StatusOr<ScalePlaces> places = ScalePlaces::Of(operands, x->dimensions, steps);
  if (!places.ok()) return places.status();
  if (auto status =
          TakeBytes("its computed numbers",
                    static_cast<std::int64_t>(x->values.size() * sizeof(std::int32_t)), limits);
      !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  made.set_data_type(type);
  for (const std::int64_t dimension : x->dimensions) made.add_dims(dimension);
  for (std::size_t i = 0; i < x->values.size(); ++i) {
    const std::size_t at = places->At(i);
    const double value = make(x->values[i], steps.scales[at], steps.ZeroPointAt(at));
    if (type == onnx::TensorProto::FLOAT) {
      made.add_float_data(static_cast<float>(value));
    } else {
      // NaN has no integer; ONNX leaves the result open.
      made.add_int32_data(std::isnan(value) ? 0 : static_cast<std::int32_t>(value));
    }
  }
  return SingleValue(OnnxConstant{&made, false});
}

absl::Status CheckOutputType(const Operands& operands, Steps& steps) {
  const auto type = static_cast<int>(IntegerAttribute(operands.node, "output_dtype", 0));
  if (operands.At(2) == nullptr && type != 0) steps.type = type;
  return IntegerRangeOf(steps.type).status();
}

absl::StatusOr<OnnxValues> QuantizeLinear(const Operands& operands) {
  absl::StatusOr<Steps> steps = StepsAt(operands, 1);
  if (!steps.ok()) return steps.status();
  if (auto status = CheckOutputType(operands, *steps); !status.ok()) return status;
  if (!IsSignal(operands, 0)) {
    const IntegerRange range = *IntegerRangeOf(steps->type);
    return MadeConstant(operands, *steps, steps->type,
                        [&](double x, double scale, double zero_point) {
                          const double step = std::nearbyint(static_cast<float>(x / scale));
                          return std::clamp(step + zero_point, range.lowest, range.highest);
                        });
  }
  const absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<Signal> integers = Quantized(operands, *x, *steps);
  if (!integers.ok()) return integers.status();
  return SingleValue(*std::move(integers));
}

absl::StatusOr<OnnxValues> DequantizeLinear(const Operands& operands) {
  const absl::StatusOr<Steps> steps = StepsAt(operands, 1);
  if (!steps.ok()) return steps.status();
  if (IsSignal(operands, 0)) {
    absl::StatusOr<Signal> x = SignalAt(operands, 0);
    if (!x.ok()) return x.status();
    absl::StatusOr<Signal> numbers = Dequantized(operands, *std::move(x), *steps);
    if (!numbers.ok()) return numbers.status();
    return SingleValue(*std::move(numbers));
  }
  return MadeConstant(
      operands, *steps, onnx::TensorProto::FLOAT,
      [](double x, double scale, double zero_point) { return (x - zero_point) * scale; });
}

// ---- QONNX: rounding to any number of bits ----

absl::StatusOr<double> NumberOfQuantAt(const Operands& operands, std::size_t index) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  if (numbers->values.size() == 1) return numbers->values[0];
  return absl::UnimplementedError(absl::StrCat(constant->Text(), " has dimensions ",
                                               ShapeText(numbers->dimensions),
                                               "; supported is one value for the tensor"));
}

absl::StatusOr<Quantization> QuantOf(const Operands& operands) {
  const AttributeProto* rounding = FindAttribute(operands.node, "rounding_mode");
  if (rounding != nullptr && rounding->s() != "ROUND") {
    return absl::UnimplementedError(absl::StrCat("rounding_mode is ", Quote(rounding->s()),
                                                 "; supported is 'ROUND', to nearest, even"));
  }
  double numbers[3] = {};  // scale, zero point, bits
  for (std::size_t i = 0; i < 3; ++i) {
    const absl::StatusOr<double> number = NumberOfQuantAt(operands, i + 1);
    if (!number.ok()) return number.status();
    numbers[i] = *number;
  }
  const auto [scale, zero_point, bits] = numbers;
  // More bits than FP32's significand has would not round at all.
  if (!(scale > 0.0) || !(bits >= 1.0 && bits <= 24.0) || bits != std::floor(bits)) {
    return absl::InvalidArgumentError(absl::StrCat("it rounds to steps of ", scale, " in ", bits,
                                                   " bits; expected a step above 0 and 1 to 24"));
  }
  const bool is_signed = IntegerAttribute(operands.node, "signed", 1) != 0;
  const bool narrow = IntegerAttribute(operands.node, "narrow", 0) != 0;
  const double half = std::exp2(bits - (is_signed ? 1.0 : 0.0));
  Quantization steps;
  steps.scale = static_cast<float>(scale);
  steps.zero_point = static_cast<float>(zero_point);
  steps.lowest = static_cast<float>(is_signed ? -half + (narrow ? 1.0 : 0.0) : 0.0);
  steps.highest = static_cast<float>(half - (!is_signed && narrow ? 2.0 : 1.0));
  return steps;
}

absl::StatusOr<OnnxValues> Quant(const Operands& operands) {
  const absl::StatusOr<Quantization> steps = QuantOf(operands);
  if (!steps.ok()) return steps.status();
  if (!IsSignal(operands, 0)) {
    return MadeConstant(operands, Steps{{steps->scale}, {steps->zero_point}},
                        onnx::TensorProto::FLOAT, [&](double x, double scale, double zero_point) {
                          const double step = std::nearbyint(x / scale + zero_point);
                          const double kept =
                              std::clamp<double>(step, steps->lowest, steps->highest);
                          return (kept - zero_point) * scale;
                        });
  }
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const RowNodeId node = AddRowOperation(operands, *steps, {x->node}, WidthOf(x->row_shape));
  return WithNode(*std::move(x), node);
}

}  // namespace

const std::vector<OnnxOperator>& QuantizeOperators() {
  static const auto* const operators = [] {
    auto* all = new std::vector<OnnxOperator>{{"Quant",
                                               kQonnx,
                                               4,
                                               4,
                                               {{"narrow", AttributeProto::INT},
                                                {"rounding_mode", AttributeProto::STRING},
                                                {"signed", AttributeProto::INT}},
                                               Quant}};
    // Before operator set 21 added integers of 16 and 4 bits, ONNX Runtime had them in its domain.
    for (const absl::string_view domain : {"", "com.microsoft"}) {
      all->push_back({"QuantizeLinear",
                      domain,
                      2,
                      3,
                      {{"axis", AttributeProto::INT},
                       {"block_size", AttributeProto::INT},
                       {"output_dtype", AttributeProto::INT},
                       {"precision", AttributeProto::INT},
                       {"saturate", AttributeProto::INT}},
                      QuantizeLinear});
      all->push_back({"DequantizeLinear",
                      domain,
                      2,
                      3,
                      {{"axis", AttributeProto::INT},
                       {"block_size", AttributeProto::INT},
                       {"output_dtype", AttributeProto::INT}},
                      DequantizeLinear});
    }
    return all;
  }();
  return *operators;
}

}  // namespace mlp
