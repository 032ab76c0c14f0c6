// Concat: joins rows, constants and lists of integers along any dimension.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The shapes to join and the joined shape.
struct Joint {
  std::vector<WholeShape> parts;
  WholeShape shape;
  std::size_t axis = 0;
};

bool IsList(const OnnxValue& value) { return std::holds_alternative<ShapeList>(value); }

// Constants take the batch of the rows they are joined with.
absl::Status GiveBatch(const Operands& operands, std::size_t index, const WholeShape& whole,
                       WholeShape& part) {
  if (!whole.has_batch() || part.batch == whole.batch) return absl::OkStatus();
  const auto place = static_cast<std::size_t>(whole.batch);
  // A constant written out for the number of rows that the file fixes must be the same for all
  // rows.
  const std::int64_t rows = operands.conversion.static_batch;
  const bool one_row = part.dimensions[place] == whole.dimensions[place];
  if (part.has_batch() || !(one_row || (rows > 1 && part.dimensions[place] == rows))) {
    return absl::UnimplementedError(absl::StrCat(
        InputText(operands, index), " has the shape ", TextOf(part), ", but another input has ",
        TextOf(whole),
        "; supported are constants of one row, or with a row for each of the input's"));
  }
  if (!one_row) {
    return absl::UnimplementedError(absl::StrCat(
        InputText(operands, index), " is a constant of ", rows,
        " rows; supported is one that is the same for all rows, so export it with a free batch"));
  }
  part.batch = whole.batch;
  return absl::OkStatus();
}

absl::StatusOr<Joint> JointOf(const Operands& operands) {
  Joint joint;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    if (operands.At(i) == nullptr) {
      return InputLeftOut(i);
    }
    absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, i);
    if (!shape.ok()) return shape.status();
    if (joint.parts.empty() || (shape->has_batch() && !joint.shape.has_batch())) {
      joint.shape = *shape;
    }
    joint.parts.push_back(*std::move(shape));
  }
  const std::int64_t rank = joint.shape.rank();
  const absl::StatusOr<std::int64_t> axis =
      PlaceOfAxis(IntegerAttribute(operands.node, "axis", joint.shape.has_batch() ? 1 : 0), rank);
  if (!axis.ok()) return axis.status();
  if (*axis == joint.shape.batch) {
    return absl::UnimplementedError(
        "it joins rows to longer batches; supported is joining the values of each row");
  }
  joint.axis = static_cast<std::size_t>(*axis);
  std::int64_t size = 0;
  for (std::size_t i = 0; i < joint.parts.size(); ++i) {
    WholeShape& part = joint.parts[i];
    bool fits = part.rank() == rank;
    if (fits) {
      if (auto status = GiveBatch(operands, i, joint.shape, part); !status.ok()) return status;
    }
    for (std::size_t k = 0; fits && k < part.dimensions.size(); ++k) {
      fits = k == joint.axis || part.dimensions[k] == joint.shape.dimensions[k];
    }
    if (!fits) {
      return absl::InvalidArgumentError(
          absl::StrCat(InputText(operands, i), " has the shape ", TextOf(joint.parts[i]),
                       ", but another input has ", TextOf(joint.shape),
                       "; expected equal dimensions except for axis ", *axis));
    }
    size += part.dimensions[joint.axis];
    if (size <= Network::kMaxWidth) continue;
    return CheckRowWidth(size);
  }
  joint.shape.dimensions[joint.axis] = size;
  return joint;
}

// The values of the result, as indices into the concatenated values of the parts.
absl::StatusOr<Wiring> WiringOf(const Operands& operands, const Joint& joint) {
  // For each position along the axis, the part and the position that it comes from.
  struct Origin {
    std::size_t part;
    std::int64_t position;
  };
  std::vector<Origin> origins;
  std::vector<std::vector<std::int64_t>> strides;
  std::vector<std::int64_t> firsts;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < joint.parts.size(); ++i) {
    const std::int64_t size = joint.parts[i].dimensions[joint.axis];
    for (std::int64_t k = 0; k < size; ++k) origins.push_back({i, k});
    strides.push_back(StridesOf(joint.parts[i].dimensions));
    firsts.push_back(first);
    first += joint.parts[i].count();
  }
  return MakeWiring(operands, joint.shape, [&](absl::Span<const std::int64_t> place) {
    const Origin& origin = origins[static_cast<std::size_t>(place[joint.axis])];
    const std::vector<std::int64_t>& own = strides[origin.part];
    return firsts[origin.part] + UnitAt(place, own) +
           (origin.position - place[joint.axis]) * own[joint.axis];
  });
}

// ---- Constants and lists ----

absl::StatusOr<OnnxValues> ConcatLists(const Operands& operands, const Joint& joint) {
  std::vector<std::int64_t> entries;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    const absl::StatusOr<ShapeList> list = ShapeListAt(operands, i);
    if (!list.ok()) return list.status();
    entries.insert(entries.end(), list->entries.begin(), list->entries.end());
  }
  absl::StatusOr<OnnxValue> joined =
      IntegersOf(operands, joint.shape.dimensions, std::move(entries));
  if (!joined.ok()) return joined.status();
  return SingleValue(*std::move(joined));
}

absl::StatusOr<OnnxValues> ConcatConstants(const Operands& operands, const Joint& joint) {
  const absl::StatusOr<Wiring> wiring = WiringOf(operands, joint);
  if (!wiring.ok()) return wiring.status();
  std::vector<double> all;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, i);
    if (!numbers.ok()) return numbers.status();
    all.insert(all.end(), numbers->values.begin(), numbers->values.end());
  }
  std::vector<double> values;
  for (const std::int32_t unit : wiring->units) {
    values.push_back(all[static_cast<std::size_t>(unit)]);
  }
  absl::StatusOr<OnnxConstant> made =
      NewConstant(operands, wiring->shape.dimensions, values, TypeOfConstantAt(operands, 0));
  if (!made.ok()) return made.status();
  made->for_each_row = wiring->shape.has_batch();
  return SingleValue(*made);
}

// ---- Rows ----

absl::StatusOr<OnnxValues> ConcatSignals(const Operands& operands, const Joint& joint) {
  std::optional<Signal> joined;
  std::vector<RowNodeId> nodes;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    if (!IsSignal(operands, i)) {
      const absl::StatusOr<RowNodeId> rows = ConstantRows(operands, i, joint.parts[i]);
      if (!rows.ok()) return rows.status();
      nodes.push_back(*rows);
      continue;
    }
    absl::StatusOr<Signal> x = WholeSignalAt(operands, i);
    if (!x.ok()) return x.status();
    if (joined.has_value() && joined->datatype != x->datatype) {
      return MixedTypes(joined->datatype, x->datatype);
    }
    nodes.push_back(x->node);
    joined = *std::move(x);
  }
  const absl::StatusOr<Wiring> wiring = WiringOf(operands, joint);
  if (!wiring.ok()) return wiring.status();
  // A signal that occurs twice has one node, and its values occur twice.
  const RowNodeId node = AddWired(operands, nodes, wiring->units, 0.0);
  return SingleValue(WithWholeShape(*std::move(joined), node, wiring->shape));
}

absl::StatusOr<OnnxValues> ConcatWhole(const Operands& operands) {
  const absl::StatusOr<Joint> joint = JointOf(operands);
  if (!joint.ok()) return joint.status();
  bool any_rows = false;
  bool any_list = false;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    any_rows = any_rows || IsSignal(operands, i);
    any_list = any_list || IsList(*operands.At(i));
  }
  if (any_rows) return ConcatSignals(operands, *joint);
  if (any_list && joint->shape.rank() == 1) return ConcatLists(operands, *joint);
  return ConcatConstants(operands, *joint);
}

}  // namespace

const std::vector<OnnxOperator>& ConcatOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Concat", "", 1, kAnyNumberOfInputs, {{"axis", AttributeProto::INT}}, ConcatWhole},
  };
  return *operators;
}

}  // namespace mlp
