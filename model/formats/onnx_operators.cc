#include "model/formats/onnx_operators.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx_attributes.h"
#include "model/formats/row_shape.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The longest list of integers that a file may compute: no shape needs as many, and lists that are
// joined with themselves over and over would fill the memory.
constexpr std::size_t kMostEntries = 16;

// A node with its inputs, as an operator's function gets it.
struct Operands {
  const onnx::NodeProto& node;
  absl::Span<const OnnxValue* const> inputs;
  OnnxConversion& conversion;

  const OnnxValue* At(std::size_t index) const {
    return index < inputs.size() ? inputs[index] : nullptr;
  }
};

absl::StatusOr<Signal> SignalAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<Signal>(*value)) return std::get<Signal>(*value);
  return absl::UnimplementedError(
      absl::StrCat("its input ", index + 1,
                   " is no result of the network's input; supported is one chain of layers"));
}

absl::StatusOr<OnnxConstant> ConstantAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<OnnxConstant>(*value)) {
    return std::get<OnnxConstant>(*value);
  }
  return absl::UnimplementedError(
      absl::StrCat("its input ", index + 1, " is no constant; supported are trained values there"));
}

// A list of integers, computed or constant.
absl::StatusOr<ShapeList> ShapeListAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<ShapeList>(*value)) {
    return std::get<ShapeList>(*value);
  }
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  absl::StatusOr<std::vector<std::int64_t>> integers = ReadIntegers(*constant);
  if (!integers.ok()) return integers.status();
  if (std::find(integers->begin(), integers->end(), kBatchSize) != integers->end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(constant->Text(), " holds ", kBatchSize, ", which is no size or index"));
  }
  return ShapeList{*std::move(integers), constant->tensor->dims_size() == 0};
}

// With the dimensions of a matrix exchanged.
absl::StatusOr<OnnxConstant> Transposed(OnnxConstant constant) {
  if (constant.tensor->dims_size() != 2) {
    return absl::UnimplementedError(absl::StrCat(constant.Text(), " has dimensions ",
                                                 ShapeText(constant.Dimensions()),
                                                 "; supported is transposing a matrix"));
  }
  constant.transposed = !constant.transposed;
  return constant;
}

absl::StatusOr<FloatTensor> WeightsAt(const Operands& operands, std::size_t index, bool transpose) {
  absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (constant.ok() && transpose) constant = Transposed(*constant);
  if (!constant.ok()) return constant.status();
  if (!operands.conversion.used_weights.insert(constant->tensor).second) {
    return absl::UnimplementedError(
        absl::StrCat(constant->Text(), " is the weights of two layers; supported is one"));
  }
  return ReadFloats(*constant);
}

void Scale(float factor, FloatTensor& tensor) {
  if (factor == 1.0F) return;
  for (float& value : tensor.values) value *= factor;
}

absl::StatusOr<OnnxValue> AsValue(absl::StatusOr<Signal> signal) {
  if (!signal.ok()) return std::move(signal).status();
  return OnnxValue(*std::move(signal));
}

absl::StatusOr<OnnxValue> Gemm(const Operands& operands) {
  const onnx::NodeProto& node = operands.node;
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (IntegerAttribute(node, "transA", 0) != 0) {
    return absl::UnimplementedError("transA is not 0; supported is 0, which keeps each row a row");
  }
  absl::StatusOr<FloatTensor> weights =
      WeightsAt(operands, 1, IntegerAttribute(node, "transB", 0) != 0);
  if (!weights.ok()) return weights.status();
  Scale(FloatAttribute(node, "alpha", 1.0F), *weights);
  absl::StatusOr<Signal> z = operands.conversion.chain.Multiply(*x, *std::move(weights));
  if (!z.ok() || operands.At(2) == nullptr) return AsValue(std::move(z));

  const absl::StatusOr<OnnxConstant> c = ConstantAt(operands, 2);
  if (!c.ok()) return c.status();
  absl::StatusOr<FloatTensor> bias = ReadFloats(*c);
  if (!bias.ok()) return bias.status();
  Scale(FloatAttribute(node, "beta", 1.0F), *bias);
  return AsValue(operands.conversion.chain.AddBias(*z, *bias));
}

absl::StatusOr<OnnxValue> MatMul(const Operands& operands) {
  const absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<FloatTensor> weights = WeightsAt(operands, 1, /*transpose=*/false);
  if (!weights.ok()) return weights.status();
  return AsValue(operands.conversion.chain.Multiply(*x, *std::move(weights)));
}

absl::StatusOr<OnnxValue> Add(const Operands& operands) {
  // Either operand may be the bias.
  const bool bias_first =
      operands.At(0) != nullptr && std::holds_alternative<OnnxConstant>(*operands.At(0));
  const absl::StatusOr<Signal> z = SignalAt(operands, bias_first ? 1 : 0);
  if (!z.ok()) return z.status();
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, bias_first ? 0 : 1);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<FloatTensor> bias = ReadFloats(*constant);
  if (!bias.ok()) return bias.status();
  return AsValue(operands.conversion.chain.AddBias(*z, *bias));
}

absl::StatusOr<OnnxValue> Activate(const Operands& operands, Activation activation) {
  const absl::StatusOr<Signal> z = SignalAt(operands, 0);
  if (!z.ok()) return z.status();
  return AsValue(operands.conversion.chain.Activate(*z, std::move(activation)));
}

template <ActivationKind kind>
absl::StatusOr<OnnxValue> PlainActivation(const Operands& operands) {
  return Activate(operands, {kind});
}

absl::StatusOr<OnnxValue> LeakyRelu(const Operands& operands) {
  return Activate(operands,
                  {ActivationKind::kLeakyRelu, {FloatAttribute(operands.node, "alpha", 0.01F)}});
}

absl::StatusOr<OnnxValue> Elu(const Operands& operands) {
  return Activate(operands, {ActivationKind::kElu, {FloatAttribute(operands.node, "alpha", 1.0F)}});
}

absl::StatusOr<OnnxValue> PRelu(const Operands& operands) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 1);
  if (!constant.ok()) return constant.status();
  absl::StatusOr<FloatTensor> slopes = ReadFloats(*constant);
  if (!slopes.ok()) return slopes.status();
  const std::vector<std::int64_t>& dimensions = slopes->dimensions;
  if (dimensions.size() > 2 || (dimensions.size() == 2 && dimensions[0] != 1) ||
      slopes->values.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the slopes have dimensions ",
                                                   ShapeText(dimensions),
                                                   "; expected one, or one for each unit"));
  }
  return Activate(operands, {ActivationKind::kPrelu, {}, std::move(slopes->values)});
}

absl::StatusOr<OnnxValue> Softmax(const Operands& operands) {
  const absl::StatusOr<Signal> z = SignalAt(operands, 0);
  if (!z.ok()) return z.status();
  // Rows have one dimension here, so that the default of operator set 13 (the last dimension) and
  // the one before (all from 1 on) are the same.
  const std::int64_t axis = IntegerAttribute(operands.node, "axis", 1);
  if (axis != 1 && axis != -1) {
    return absl::UnimplementedError(
        absl::StrCat("axis ", axis, " is not supported; expected that of the units, 1 or -1"));
  }
  return AsValue(operands.conversion.chain.Activate(*z, {ActivationKind::kSoftmax}));
}

// A signal whose rows have another shape.
absl::StatusOr<OnnxValue> WithShape(Signal signal, absl::StatusOr<RowShape> shape) {
  if (!shape.ok()) return std::move(shape).status();
  signal.row_shape = *std::move(shape);
  return OnnxValue(std::move(signal));
}

absl::StatusOr<OnnxValue> Flatten(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<RowShape> shape =
      Flattened(x->row_shape, IntegerAttribute(operands.node, "axis", 1));
  return WithShape(*std::move(x), std::move(shape));
}

absl::StatusOr<OnnxValue> Reshape(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<ShapeList> target = ShapeListAt(operands, 1);
  if (!target.ok()) return target.status();
  if (operands.conversion.batch_is_one && !target->entries.empty() && target->entries[0] == 1) {
    target->entries[0] = kBatchSize;
  }
  absl::StatusOr<RowShape> shape =
      Reshaped(x->row_shape, target->entries, IntegerAttribute(operands.node, "allowzero", 0) != 0);
  return WithShape(*std::move(x), std::move(shape));
}

// Axes are an attribute up to operator set 12 and an input from 13 on.
absl::StatusOr<std::vector<std::int64_t>> AxesOf(const Operands& operands) {
  if (auto axes = IntegersAttribute(operands.node, "axes")) return *std::move(axes);
  if (operands.At(1) == nullptr) {
    return absl::UnimplementedError("it has no axes; expected those to change");
  }
  absl::StatusOr<ShapeList> axes = ShapeListAt(operands, 1);
  if (!axes.ok()) return axes.status();
  return std::move(axes->entries);
}

absl::StatusOr<OnnxValue> Squeeze(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<std::vector<std::int64_t>> axes = AxesOf(operands);
  if (!axes.ok()) return axes.status();
  absl::StatusOr<RowShape> shape = Squeezed(x->row_shape, *axes);
  return WithShape(*std::move(x), std::move(shape));
}

absl::StatusOr<OnnxValue> Identity(const Operands& operands) {
  if (operands.At(0) == nullptr) return absl::InvalidArgumentError("it has no input");
  return *operands.At(0);
}

// The attributes saturate and round_mode are about casts to floats of 8 bits only.
absl::StatusOr<OnnxValue> Cast(const Operands& operands) {
  const std::int64_t type = IntegerAttribute(operands.node, "to", 0);
  if (type != onnx::TensorProto::FLOAT) {
    return absl::UnimplementedError(
        absl::StrCat("a cast to type ", type, " is not supported; expected 1 (FLOAT)"));
  }
  return AsValue(SignalAt(operands, 0));
}

absl::StatusOr<OnnxValue> Transpose(const Operands& operands) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  const auto permutation = IntegersAttribute(operands.node, "perm");
  if (permutation.has_value() && *permutation != std::vector<std::int64_t>{1, 0}) {
    return absl::UnimplementedError(
        absl::StrCat("perm ", ShapeText(*permutation), " is not supported; expected [1,0]"));
  }
  absl::StatusOr<OnnxConstant> transposed = Transposed(*constant);
  if (!transposed.ok()) return transposed.status();
  return OnnxValue(*std::move(transposed));
}

absl::StatusOr<OnnxValue> Constant(const Operands& operands) {
  if (operands.node.attribute_size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("it has ", operands.node.attribute_size(),
                                                   " attributes; expected one, its value"));
  }
  const AttributeProto& value = operands.node.attribute(0);
  if (value.type() == AttributeProto::TENSOR) return OnnxValue(OnnxConstant{&value.t()});
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  if (value.type() == AttributeProto::FLOAT || value.type() == AttributeProto::FLOATS) {
    made.set_data_type(onnx::TensorProto::FLOAT);
    *made.mutable_float_data() = value.floats();
    if (value.type() == AttributeProto::FLOAT) made.add_float_data(value.f());
  } else {
    made.set_data_type(onnx::TensorProto::INT64);
    *made.mutable_int64_data() = value.ints();
    if (value.type() == AttributeProto::INT) made.add_int64_data(value.i());
  }
  if (value.type() == AttributeProto::FLOATS) made.add_dims(value.floats_size());
  if (value.type() == AttributeProto::INTS) made.add_dims(value.ints_size());
  return OnnxValue(OnnxConstant{&made});
}

// The next four compute a shape from the input's, as exporters write x.view(x.size(0), -1).
absl::StatusOr<OnnxValue> Shape(const Operands& operands) {
  const absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  ShapeList shape;
  shape.entries.push_back(kBatchSize);
  shape.entries.insert(shape.entries.end(), x->row_shape.begin(), x->row_shape.end());
  const auto rank = static_cast<std::int64_t>(shape.entries.size());
  const auto position = [rank](std::int64_t index) {
    return std::clamp(index < 0 ? index + rank : index, std::int64_t{0}, rank);
  };
  const std::int64_t start = position(IntegerAttribute(operands.node, "start", 0));
  const std::int64_t end = position(IntegerAttribute(operands.node, "end", rank));
  shape.entries.erase(shape.entries.begin() + std::max(start, end), shape.entries.end());
  shape.entries.erase(shape.entries.begin(), shape.entries.begin() + start);
  return OnnxValue(std::move(shape));
}

// Lists have one axis only.
absl::Status CheckListAxis(const Operands& operands) {
  const std::int64_t axis = IntegerAttribute(operands.node, "axis", 0);
  if (axis == 0 || axis == -1) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("axis ", axis, " is not supported; expected 0, that of a list"));
}

absl::StatusOr<OnnxValue> Gather(const Operands& operands) {
  if (auto status = CheckListAxis(operands); !status.ok()) return status;
  const absl::StatusOr<ShapeList> list = ShapeListAt(operands, 0);
  if (!list.ok()) return list.status();
  const absl::StatusOr<ShapeList> indices = ShapeListAt(operands, 1);
  if (!indices.ok()) return indices.status();
  const auto size = static_cast<std::int64_t>(list->entries.size());
  ShapeList gathered;
  gathered.scalar = indices->scalar;
  for (std::int64_t index : indices->entries) {
    if (index < -size || index >= size || list->scalar) {
      return absl::InvalidArgumentError(
          absl::StrCat("index ", index, " is out of range; the list has ", size, " entries"));
    }
    gathered.entries.push_back(
        list->entries[static_cast<std::size_t>(index < 0 ? index + size : index)]);
  }
  return OnnxValue(std::move(gathered));
}

absl::StatusOr<OnnxValue> Unsqueeze(const Operands& operands) {
  absl::StatusOr<ShapeList> list = ShapeListAt(operands, 0);
  if (!list.ok()) return list.status();
  const absl::StatusOr<std::vector<std::int64_t>> axes = AxesOf(operands);
  if (!axes.ok()) return axes.status();
  if (!list->scalar || *axes != std::vector<std::int64_t>{0}) {
    return absl::UnimplementedError("supported is making a list of one number, by axis 0");
  }
  list->scalar = false;
  return OnnxValue(*std::move(list));
}

absl::StatusOr<OnnxValue> Concat(const Operands& operands) {
  if (auto status = CheckListAxis(operands); !status.ok()) return status;
  ShapeList joined;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    const absl::StatusOr<ShapeList> list = ShapeListAt(operands, i);
    if (!list.ok()) return list.status();
    if (list->scalar || joined.entries.size() + list->entries.size() > kMostEntries) {
      return absl::UnimplementedError(
          absl::StrCat("supported is joining lists to at most ", kMostEntries, " entries"));
    }
    joined.entries.insert(joined.entries.end(), list->entries.begin(), list->entries.end());
  }
  return OnnxValue(std::move(joined));
}

struct Operator {
  absl::string_view name;
  int fewest_inputs;
  int most_inputs;
  std::vector<OnnxAttribute> attributes;
  absl::StatusOr<OnnxValue> (*convert)(const Operands&);
};

const std::vector<Operator>& Operators() {
  static const auto* const operators = new std::vector<Operator>{
      {"Add", 2, 2, {}, Add},
      {"Cast",
       1,
       1,
       {{"round_mode", AttributeProto::STRING},
        {"saturate", AttributeProto::INT},
        {"to", AttributeProto::INT}},
       Cast},
      {"Concat", 1, 1 << 10, {{"axis", AttributeProto::INT}}, Concat},
      {"Constant",
       0,
       0,
       {{"value", AttributeProto::TENSOR},
        {"value_float", AttributeProto::FLOAT},
        {"value_floats", AttributeProto::FLOATS},
        {"value_int", AttributeProto::INT},
        {"value_ints", AttributeProto::INTS}},
       Constant},
      {"Elu", 1, 1, {{"alpha", AttributeProto::FLOAT}}, Elu},
      {"Flatten", 1, 1, {{"axis", AttributeProto::INT}}, Flatten},
      {"Gather", 2, 2, {{"axis", AttributeProto::INT}}, Gather},
      {"Gemm",
       2,
       3,
       {{"alpha", AttributeProto::FLOAT},
        {"beta", AttributeProto::FLOAT},
        {"transA", AttributeProto::INT},
        {"transB", AttributeProto::INT}},
       Gemm},
      {"Identity", 1, 1, {}, Identity},
      {"LeakyRelu", 1, 1, {{"alpha", AttributeProto::FLOAT}}, LeakyRelu},
      {"MatMul", 2, 2, {}, MatMul},
      {"PRelu", 2, 2, {}, PRelu},
      {"Relu", 1, 1, {}, PlainActivation<ActivationKind::kRelu>},
      {"Reshape", 2, 2, {{"allowzero", AttributeProto::INT}}, Reshape},
      {"Shape", 1, 1, {{"end", AttributeProto::INT}, {"start", AttributeProto::INT}}, Shape},
      {"Sigmoid", 1, 1, {}, PlainActivation<ActivationKind::kSigmoid>},
      {"Softmax", 1, 1, {{"axis", AttributeProto::INT}}, Softmax},
      {"Squeeze", 1, 2, {{"axes", AttributeProto::INTS}}, Squeeze},
      {"Tanh", 1, 1, {}, PlainActivation<ActivationKind::kTanh>},
      {"Transpose", 1, 1, {{"perm", AttributeProto::INTS}}, Transpose},
      {"Unsqueeze", 1, 2, {{"axes", AttributeProto::INTS}}, Unsqueeze},
  };
  return *operators;
}

std::string OperatorNames() {
  std::string names;
  for (const Operator& entry : Operators()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", entry.name);
  }
  return names;
}

absl::StatusOr<OnnxValue> Convert(const onnx::NodeProto& node,
                                  absl::Span<const OnnxValue* const> inputs,
                                  OnnxConversion& conversion) {
  const std::vector<Operator>& operators = Operators();
  const auto found =
      std::find_if(operators.begin(), operators.end(),
                   [&](const Operator& candidate) { return candidate.name == node.op_type(); });
  const bool of_onnx = node.domain().empty() || node.domain() == "ai.onnx";
  if (!of_onnx || found == operators.end()) {
    return absl::UnimplementedError(absl::StrCat(
        "the operator ", of_onnx ? "" : absl::StrCat("of domain ", Quote(node.domain()), " "),
        "is not supported; supported are ", OperatorNames()));
  }
  if (auto status = CheckAttributes(node, found->attributes); !status.ok()) return status;
  if (node.input_size() < found->fewest_inputs || node.input_size() > found->most_inputs) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", node.input_size(), " inputs; expected ", found->fewest_inputs,
        found->most_inputs > found->fewest_inputs ? absl::StrCat(" to ", found->most_inputs) : ""));
  }
  return found->convert({node, inputs, conversion});
}

}  // namespace

absl::StatusOr<OnnxValue> ConvertNode(const onnx::NodeProto& node,
                                      absl::Span<const OnnxValue* const> inputs,
                                      OnnxConversion& conversion) {
  absl::StatusOr<OnnxValue> value = Convert(node, inputs, conversion);
  if (value.ok()) return value;
  return absl::Status(value.status().code(),
                      absl::StrCat(NodeText(node), ": ", value.status().message()));
}

std::string NodeText(const onnx::NodeProto& node) {
  // Many exporters name no nodes; what a node makes always has a name.
  const bool named = !node.name().empty() || node.output().empty();
  return absl::StrCat(named ? "node " : "the node of ", Quote(named ? node.name() : node.output(0)),
                      " of type ", Quote(node.op_type()));
}

}  // namespace mlp
