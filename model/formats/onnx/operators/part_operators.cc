// The operators that pick parts of rows and join rows.

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The most columns picked one by one: rows of more pieces would be slow to assemble.
constexpr std::size_t kMaxPicked = 4096;

// Rows of any type, with one dimension.
absl::StatusOr<Signal> FlatRowsAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> x = SignalAt(operands, index);
  if (!x.ok() || x->row_shape.size() == 1) return x;
  return NotFlat(operands, index, *x);
}

// ---- Gather, ArrayFeatureExtractor ----

// The units of x at `indices`, in runs of consecutive units.
absl::StatusOr<OnnxValues> PickUnits(const Operands& operands, Signal x,
                                     const std::vector<std::int64_t>& indices, bool scalar) {
  const std::int64_t width = x.row_shape[0];
  if (indices.empty() || indices.size() > kMaxPicked) {
    return absl::UnimplementedError(absl::StrCat("it picks ", CountText(indices.size(), "value"),
                                                 " of a row; supported are ", "1 to ", kMaxPicked));
  }
  std::vector<RowNodeId> runs;
  for (std::size_t i = 0; i < indices.size();) {
    const std::int64_t first = indices[i] < 0 ? indices[i] + width : indices[i];
    if (first < 0 || first >= width) {
      return absl::InvalidArgumentError(absl::StrCat("index ", indices[i],
                                                     " is out of range; expected ", -width, " to ",
                                                     width - 1, " in a row"));
    }
    std::int64_t count = 1;
    while (++i < indices.size() && indices[i] == first + count && first + count < width) ++count;
    runs.push_back(AddSlice(operands, x.node, first, count));
  }
  x.row_shape = scalar ? std::vector<std::int64_t>{}
                       : std::vector<std::int64_t>{static_cast<std::int64_t>(indices.size())};
  if (runs.size() == 1) return WithNode(std::move(x), runs[0]);
  RowNode node = NewRowNode(operands, RowOperation::kConcat, WidthOf(x.row_shape));
  node.operands = std::move(runs);
  return WithNode(std::move(x), operands.conversion.graph.Add(std::move(node)));
}

// Calls `pick`; if input 0 is a label or a decision, converts it to numbers first.
absl::StatusOr<OnnxValues> PickedOfNumbers(const Operands& operands,
                                           absl::StatusOr<OnnxValues> (*pick)(const Operands&)) {
  const OnnxValue* from = operands.At(0);
  if (from == nullptr || !std::holds_alternative<Decision>(*from)) return pick(operands);
  absl::StatusOr<Signal> signal = SignalOfDecision(operands, std::get<Decision>(*from));
  if (!signal.ok()) return signal.status();
  const OnnxValue numbers = *std::move(signal);
  std::vector<const OnnxValue*> inputs(operands.inputs.begin(), operands.inputs.end());
  inputs[0] = &numbers;
  return pick({operands.node, inputs, operands.conversion});
}

absl::StatusOr<OnnxValues> Gather(const Operands& operands) {
  if (NamesEntries(operands)) return GatherFromTable(operands);
  return PickedOfNumbers(operands, GatherPicked);
}

absl::StatusOr<OnnxValues> PickedFeatures(const Operands& operands) {
  absl::StatusOr<Signal> x = FlatRowsAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 1);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  std::vector<std::int64_t> indices;
  for (const double number : numbers->values) {
    // Such an index is out of range for every row, and casting it would be undefined.
    indices.push_back(number >= 0.0 && number < 1e9 ? static_cast<std::int64_t>(number) : -1 << 30);
  }
  return PickUnits(operands, *std::move(x), indices, false);
}

absl::StatusOr<OnnxValues> ArrayFeatureExtractor(const Operands& operands) {
  if (NamesEntries(operands)) return GatherFromTable(operands);
  return PickedOfNumbers(operands, PickedFeatures);
}

// ---- FeatureVectorizer ----

absl::StatusOr<OnnxValues> ConcatRows(const Operands& operands) {
  RowNode node = NewRowNode(operands, RowOperation::kConcat, 0);
  std::optional<Signal> joined;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    absl::StatusOr<Signal> x = FlatRowsAt(operands, i);
    if (!x.ok()) return x.status();
    if (joined.has_value() && joined->datatype != x->datatype) {
      return MixedTypes(joined->datatype, x->datatype);
    }
    node.operands.push_back(x->node);
    node.width += x->row_shape[0];
    if (auto status = CheckRowWidth(node.width); !status.ok()) return status;
    joined = *std::move(x);
  }
  joined->row_shape = {node.width};
  return WithNode(*std::move(joined), operands.conversion.graph.Add(std::move(node)));
}

// The inputs side by side. inputdimensions could truncate or pad inputs of another width, which is
// not supported.
absl::StatusOr<OnnxValues> FeatureVectorizer(const Operands& operands) {
  const auto widths = IntegersAttribute(operands.node, "inputdimensions");
  for (std::size_t i = 0; widths.has_value() && i < operands.inputs.size(); ++i) {
    const absl::StatusOr<Signal> x = FlatRowsAt(operands, i);
    if (!x.ok()) return x.status();
    if (i < widths->size() && (*widths)[i] == x->row_shape[0]) continue;
    return absl::UnimplementedError(absl::StrCat(
        InputText(operands, i), " has rows of ", CountText(x->row_shape[0], "value"), ", and ",
        i < widths->size() ? absl::StrCat("inputdimensions gives ", (*widths)[i])
                           : std::string("inputdimensions gives none"),
        "; supported is the same"));
  }
  return ConcatRows(operands);
}

}  // namespace

const std::vector<OnnxOperator>& PartOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"ArrayFeatureExtractor", "ai.onnx.ml", 2, 2, {}, ArrayFeatureExtractor, true},
      {"FeatureVectorizer",
       "ai.onnx.ml",
       1,
       kAnyNumberOfInputs,
       {{"inputdimensions", AttributeProto::INTS}},
       FeatureVectorizer},
      {"Gather", "", 2, 2, {{"axis", AttributeProto::INT}}, Gather, true},
  };
  return *operators;
}

}  // namespace mlp
