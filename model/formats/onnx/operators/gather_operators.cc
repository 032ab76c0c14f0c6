// The operators that pick values by constant indices.

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

namespace mlp {
namespace {

using onnx::AttributeProto;

// Indices and their dimensions; those of a constant for each row have a batch.
struct Indices {
  WholeShape shape;
  std::vector<std::int64_t> entries;
};

absl::StatusOr<Indices> IndicesAt(const Operands& operands, std::size_t index) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, index);
  if (!shape.ok()) return shape.status();
  Indices indices{*shape, {}};
  if (IsSignal(operands, index)) {
    return absl::UnimplementedError(
        absl::StrCat(InputText(operands, index),
                     " is computed from the network's input; only constant indices are supported "
                     "here, or a Gather from a constant table"));
  }
  const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, index);
  if (!numbers.ok()) return numbers.status();
  for (const double number : numbers->values) {
    // Such an index is out of range for every row, and casting it would be undefined.
    const bool is_index = number > -1e9 && number < 1e9;
    indices.entries.push_back(is_index ? static_cast<std::int64_t>(number) : std::int64_t{1} << 40);
  }
  return indices;
}

absl::Status CheckIndices(const std::vector<std::int64_t>& entries, std::int64_t size,
                          bool of_rows) {
  for (const std::int64_t entry : entries) {
    if (entry >= -size && entry < size) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("index ", entry, " is out of range; expected ", -size, " to ", size - 1,
                     of_rows ? " along that axis of a row" : " along that axis of the constant"));
  }
  return absl::OkStatus();
}

absl::Status PicksRows() {
  return absl::UnimplementedError(
      "it picks rows of the batch; supported is picking values of each row, along axes from 1 on");
}

// The operands of Gather and GatherElements: indices along one axis.
struct PickedAlong {
  WholeShape shape;
  Indices indices;
  std::int64_t axis;
};

absl::StatusOr<PickedAlong> PickedAlongAxis(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  absl::StatusOr<Indices> indices = IndicesAt(operands, 1);
  if (!indices.ok()) return indices.status();
  const absl::StatusOr<std::int64_t> axis =
      PlaceOfAxis(IntegerAttribute(operands.node, "axis", 0), shape->rank());
  if (!axis.ok()) return axis.status();
  return PickedAlong{*shape, *std::move(indices), *axis};
}

absl::StatusOr<OnnxValues> GatherElements(const Operands& operands) {
  const absl::StatusOr<PickedAlong> along = PickedAlongAxis(operands);
  if (!along.ok()) return along.status();
  const WholeShape& shape = along->shape;
  const Indices& indices = along->indices;
  const std::int64_t axis = along->axis;
  if (indices.shape.rank() != shape.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        InputText(operands, 1), " has the shape ", TextOf(indices.shape),
        ", but the other input has ", TextOf(shape), "; expected the same number of dimensions"));
  }
  // If the file fixes the batch to 1, one row of indices applies to every row.
  const bool one_row =
      shape.has_batch() && !indices.shape.has_batch() && operands.conversion.static_batch == 1;
  if (axis == shape.batch || (!one_row && shape.batch != indices.shape.batch)) {
    return PicksRows();
  }
  WholeShape picked = indices.shape;
  picked.batch = shape.batch;
  for (std::int64_t k = 0; k < shape.rank(); ++k) {
    const auto place = static_cast<std::size_t>(k);
    if (k == axis || picked.dimensions[place] <= shape.dimensions[place]) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 1), " has the shape ", TextOf(indices.shape),
                     ", but the other input has ", TextOf(shape),
                     "; expected no larger dimension, except for axis ", axis));
  }
  const std::int64_t size = shape.dimensions[static_cast<std::size_t>(axis)];
  if (auto status = CheckIndices(indices.entries, size, shape.has_batch()); !status.ok()) {
    return status;
  }
  const std::vector<std::int64_t> strides = StridesOf(shape.dimensions);
  const std::vector<std::int64_t> own = StridesOf(picked.dimensions);
  return Wired(operands, MakeWiring(operands, picked, [&](Place place) {
                 std::vector<std::int64_t> from(place.begin(), place.end());
                 const std::int64_t index =
                     indices.entries[static_cast<std::size_t>(UnitAt(place, own))];
                 from[static_cast<std::size_t>(axis)] = index < 0 ? index + size : index;
                 return UnitAt(from, strides);
               }));
}

absl::StatusOr<OnnxValues> GatherNd(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  absl::StatusOr<Indices> indices = IndicesAt(operands, 1);
  if (!indices.ok()) return indices.status();
  if (IntegerAttribute(operands.node, "batch_dims", 0) != 0 || indices->shape.has_batch()) {
    return absl::UnimplementedError(
        "it has its own indices for each row; supported is batch_dims 0, with the same indices for "
        "all rows");
  }
  if (indices->shape.rank() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 1), " is one number; expected a list of indices"));
  }
  const std::int64_t depth = indices->shape.dimensions.back();
  if (depth < 1 || depth > shape->rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 1), " has indices of ", CountText(depth, "number"),
                     " for the shape ", TextOf(*shape), "; expected 1 to ", shape->rank()));
  }
  if (shape->has_batch() && shape->batch < depth) return PicksRows();
  WholeShape picked{{indices->shape.dimensions.begin(), indices->shape.dimensions.end() - 1}};
  if (shape->has_batch()) picked.batch = picked.rank() + shape->batch - depth;
  picked.dimensions.insert(picked.dimensions.end(), shape->dimensions.begin() + depth,
                           shape->dimensions.end());
  for (std::size_t i = 0; i < indices->entries.size(); ++i) {
    std::int64_t& index = indices->entries[i];
    const std::int64_t size = shape->dimensions[i % static_cast<std::size_t>(depth)];
    if (auto status = CheckIndices({index}, size, shape->has_batch()); !status.ok()) return status;
    if (index < 0) index += size;
  }
  const std::vector<std::int64_t> strides = StridesOf(shape->dimensions);
  const auto lists = static_cast<std::size_t>(indices->shape.rank() - 1);
  const std::vector<std::int64_t> own =
      StridesOf({indices->shape.dimensions.begin(), indices->shape.dimensions.end() - 1});
  return Wired(operands, MakeWiring(operands, picked, [&](Place place) {
                 const std::int64_t list = UnitAt(place.first(lists), own) * depth;
                 std::int64_t unit = 0;
                 for (std::int64_t k = 0; k < depth; ++k) {
                   unit += indices->entries[static_cast<std::size_t>(list + k)] *
                           strides[static_cast<std::size_t>(k)];
                 }
                 for (std::size_t k = lists; k < place.size(); ++k) {
                   unit += place[k] * strides[k - lists + static_cast<std::size_t>(depth)];
                 }
                 return unit;
               }));
}

}  // namespace

absl::StatusOr<OnnxValues> GatherPicked(const Operands& operands) {
  const absl::StatusOr<PickedAlong> along = PickedAlongAxis(operands);
  if (!along.ok()) return along.status();
  const WholeShape& shape = along->shape;
  const Indices& indices = along->indices;
  const std::int64_t axis = along->axis;
  if (axis == shape.batch || (indices.shape.has_batch() && shape.has_batch())) {
    return PicksRows();
  }
  const auto before = static_cast<std::size_t>(axis);
  const std::int64_t size = shape.dimensions[before];
  if (auto status = CheckIndices(indices.entries, size, shape.has_batch()); !status.ok()) {
    return status;
  }
  const WholeShape& of_indices = indices.shape;
  WholeShape picked = shape;
  picked.dimensions.erase(picked.dimensions.begin() + axis);
  picked.dimensions.insert(picked.dimensions.begin() + axis, of_indices.dimensions.begin(),
                           of_indices.dimensions.end());
  if (shape.batch > axis) picked.batch += of_indices.rank() - 1;
  if (of_indices.has_batch()) picked.batch = axis + of_indices.batch;
  const std::vector<std::int64_t> strides = StridesOf(shape.dimensions);
  const std::vector<std::int64_t> own = StridesOf(of_indices.dimensions);
  const std::size_t behind = before + of_indices.dimensions.size();
  return Wired(operands, MakeWiring(operands, picked, [&](Place place) {
                 const Place list = place.subspan(before, of_indices.dimensions.size());
                 const std::int64_t index =
                     indices.entries[static_cast<std::size_t>(UnitAt(list, own))];
                 std::int64_t unit = (index < 0 ? index + size : index) * strides[before];
                 for (std::size_t k = 0; k < before; ++k) unit += place[k] * strides[k];
                 for (std::size_t k = behind; k < place.size(); ++k) {
                   unit += place[k] * strides[k - behind + before + 1];
                 }
                 return unit;
               }));
}

const std::vector<OnnxOperator>& GatherOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"GatherElements", "", 2, 2, {{"axis", AttributeProto::INT}}, GatherElements},
      {"GatherND", "", 2, 2, {{"batch_dims", AttributeProto::INT}}, GatherNd},
  };
  return *operators;
}

}  // namespace mlp
