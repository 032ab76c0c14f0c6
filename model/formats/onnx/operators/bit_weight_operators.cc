// MatMulNBits: a product with trained weights of 2, 4 or 8 bits, in blocks that have a scale each.
// The weights are converted to floats. Source: ONNX Runtime's ContribOperators.md.

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/quantization.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The layout of B, [units, blocks, bytes of a block].
struct BitLayout {
  std::int64_t inputs = 0;
  std::int64_t units = 0;
  std::int64_t bits = 0;
  std::int64_t block = 0;

  std::int64_t blocks() const { return (inputs + block - 1) / block; }
  std::int64_t block_bytes() const { return block * bits / 8; }
  std::int64_t zero_point_bytes() const { return (blocks() * bits + 7) / 8; }
};

absl::StatusOr<BitLayout> LayoutOf(const Operands& operands) {
  const BitLayout layout = {
      IntegerAttribute(operands.node, "K", 0), IntegerAttribute(operands.node, "N", 0),
      IntegerAttribute(operands.node, "bits", 4), IntegerAttribute(operands.node, "block_size", 0)};
  const auto is_size = [](std::int64_t size) { return size >= 1 && size <= Network::kMaxWidth; };
  const bool known = layout.bits == 2 || layout.bits == 4 || layout.bits == 8;
  if (!known) {
    return absl::UnimplementedError(
        absl::StrCat("its weights have ", layout.bits, " bits; supported are 2, 4 and 8"));
  }
  if (is_size(layout.inputs) && is_size(layout.units) && is_size(layout.block) &&
      layout.block * layout.bits % 8 == 0) {
    return layout;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "K is ", layout.inputs, ", N ", layout.units, " and block_size ", layout.block,
      "; expected sizes from 1 to ", Network::kMaxWidth, " and blocks of whole bytes"));
}

absl::StatusOr<std::vector<double>> NumbersOf(const Operands& operands, std::size_t index,
                                              std::int64_t count) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  if (static_cast<std::int64_t>(numbers->values.size()) == count) return std::move(numbers->values);
  return absl::InvalidArgumentError(absl::StrCat(constant->Text(), " has dimensions ",
                                                 ShapeText(numbers->dimensions), "; expected ",
                                                 count, " values"));
}

// Number `index` of `bits` bits; the lowest bits of a byte come first.
double BitsAt(const std::vector<double>& bytes, std::int64_t first_byte, std::int64_t index,
              std::int64_t bits) {
  const std::int64_t bit = index * bits;
  const auto byte = static_cast<unsigned>(bytes[static_cast<std::size_t>(first_byte + bit / 8)]);
  return (byte >> static_cast<unsigned>(bit % 8)) & ((1U << static_cast<unsigned>(bits)) - 1U);
}

// The zero point of each block: packed like the weights, given as floats, or half of the range.
absl::StatusOr<std::vector<double>> ZeroPointsOf(const Operands& operands,
                                                 const BitLayout& layout) {
  const std::int64_t count = layout.units * layout.blocks();
  if (operands.At(3) == nullptr) {
    return std::vector<double>(static_cast<std::size_t>(count),
                               static_cast<double>(1 << (layout.bits - 1)));
  }
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 3);
  if (!constant.ok()) return constant.status();
  if (constant->tensor->data_type() != onnx::TensorProto::UINT8) {
    return NumbersOf(operands, 3, count);
  }
  const absl::StatusOr<std::vector<double>> bytes =
      NumbersOf(operands, 3, layout.units * layout.zero_point_bytes());
  if (!bytes.ok()) return bytes.status();
  std::vector<double> points;
  points.reserve(static_cast<std::size_t>(count));
  for (std::int64_t unit = 0; unit < layout.units; ++unit) {
    for (std::int64_t block = 0; block < layout.blocks(); ++block) {
      points.push_back(BitsAt(*bytes, unit * layout.zero_point_bytes(), block, layout.bits));
    }
  }
  return points;
}

// [inputs, units], as in a dense layer.
absl::StatusOr<FloatTensor> WeightsOf(const Operands& operands, const BitLayout& layout) {
  const absl::StatusOr<OnnxConstant> packed = ConstantAt(operands, 1);
  if (!packed.ok()) return packed.status();
  if (packed->tensor->data_type() != onnx::TensorProto::UINT8) {
    return absl::InvalidArgumentError(absl::StrCat(packed->Text(), " has elements of type ",
                                                   ElementTypeName(packed->tensor->data_type()),
                                                   "; expected UINT8"));
  }
  const std::int64_t blocks = layout.units * layout.blocks();
  const absl::StatusOr<std::vector<double>> bytes =
      NumbersOf(operands, 1, blocks * layout.block_bytes());
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<std::vector<double>> scales = NumbersOf(operands, 2, blocks);
  if (!scales.ok()) return scales.status();
  // The file has a byte for each eight bits, so the weights cannot be many times its size.
  const absl::StatusOr<std::vector<double>> points = ZeroPointsOf(operands, layout);
  if (!points.ok()) return points.status();
  const std::int64_t count = layout.inputs * layout.units;
  if (auto status =
          TakeBytes("its computed weights", count * static_cast<std::int64_t>(sizeof(float)),
                    operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  FloatTensor weights;
  weights.dimensions = {layout.inputs, layout.units};
  weights.values.resize(static_cast<std::size_t>(count));
  for (std::int64_t unit = 0; unit < layout.units; ++unit) {
    for (std::int64_t input = 0; input < layout.inputs; ++input) {
      const std::int64_t block = unit * layout.blocks() + input / layout.block;
      const double bits =
          BitsAt(*bytes, block * layout.block_bytes(), input % layout.block, layout.bits);
      const auto at = static_cast<std::size_t>(block);
      weights.values[static_cast<std::size_t>(input * layout.units + unit)] =
          static_cast<float>((bits - (*points)[at]) * (*scales)[at]);
    }
  }
  return weights;
}

absl::StatusOr<OnnxValues> MatMulNBits(const Operands& operands) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (operands.At(4) != nullptr) {
    return absl::UnimplementedError(
        "its input 5, g_idx, says which block each input is of; supported are blocks of "
        "neighbours, "
        "without it");
  }
  const absl::StatusOr<BitLayout> layout = LayoutOf(operands);
  if (!layout.ok()) return layout.status();
  absl::StatusOr<FloatTensor> weights = WeightsOf(operands, *layout);
  if (!weights.ok()) return weights.status();
  const Datatype datatype = x->datatype;
  absl::StatusOr<Signal> y = TimesMatrix(operands, *std::move(x), *std::move(weights));
  if (!y.ok()) return y.status();
  y->datatype = datatype;
  if (operands.At(5) == nullptr) return SingleValue(*std::move(y));
  const absl::StatusOr<OnnxConstant> bias = ConstantAt(operands, 5);
  if (!bias.ok()) return bias.status();
  absl::StatusOr<std::vector<double>> values =
      BroadcastConstant(*bias, y->row_shape, operands.conversion.limits);
  if (!values.ok()) return values.status();
  const RowNodeId sum = AddElementwise(
      operands, "Add", {y->node, AddConstant(operands, *std::move(values))}, {}, layout->units);
  return WithNode(*std::move(y), sum);
}

}  // namespace

const std::vector<OnnxOperator>& BitWeightOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"MatMulNBits",
       "com.microsoft",
       3,
       6,
       {{"K", AttributeProto::INT},
        {"N", AttributeProto::INT},
        {"accuracy_level", AttributeProto::INT},
        {"bits", AttributeProto::INT},
        {"block_size", AttributeProto::INT}},
       MatMulNBits},
  };
  return *operators;
}

}  // namespace mlp
