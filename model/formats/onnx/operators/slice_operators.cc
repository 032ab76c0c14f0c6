// The operators that cut consecutive or evenly spaced values along a dimension: Slice and Split.

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// ---- Slice ----

struct SliceOfAxis {
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

SliceOfAxis SliceRange(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t size) {
  const auto position = [size](std::int64_t index, std::int64_t least, std::int64_t greatest) {
    if (index < 0) index = index < -size ? -1 : index + size;
    return std::clamp(index, least, greatest);
  };
  // An end before the first entry is given as a negative number beyond the size.
  const std::int64_t first = step > 0 ? position(start, 0, size) : position(start, -1, size - 1);
  const std::int64_t last = step > 0 ? position(end, 0, size) : position(end, -1, size - 1);
  SliceOfAxis slice{first, step, 0};
  if (step > 0 && last > first) slice.count = (last - first - 1) / step + 1;
  if (step < 0 && first > last) slice.count = (first - last - 1) / -step + 1;
  return slice;
}

absl::StatusOr<OnnxValues> SliceWhole(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  std::vector<std::optional<std::vector<std::int64_t>>> lists;
  std::size_t index = 0;
  for (const char* name : {"starts", "ends", "axes", "steps"}) {
    absl::StatusOr<std::optional<std::vector<std::int64_t>>> list =
        IntegersAt(operands, ++index, name);
    if (!list.ok()) return list.status();
    lists.push_back(*std::move(list));
  }
  const auto& [starts, ends, axes, steps] = std::tie(lists[0], lists[1], lists[2], lists[3]);
  const std::size_t count = starts.has_value() ? starts->size() : 0;
  if (!starts.has_value() || !ends.has_value() || ends->size() != count ||
      (axes.has_value() && axes->size() != count) ||
      (steps.has_value() && steps->size() != count) || count > shape->dimensions.size()) {
    const auto text = [](const std::optional<std::vector<std::int64_t>>& list) {
      return list.has_value() ? absl::StrCat(list->size()) : std::string("no");
    };
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", text(starts), " starts, ", text(ends), " ends, ", text(axes), " axes and ",
        text(steps), " steps for ", CountText(shape->rank(), "dimension"),
        "; expected the same number of each, or no axes and steps"));
  }
  WholeShape sliced = *shape;
  std::vector<SliceOfAxis> slices(shape->dimensions.size());
  std::vector<bool> done(shape->dimensions.size());
  for (std::size_t i = 0; i < count; ++i) {
    const absl::StatusOr<std::int64_t> axis =
        PlaceOfAxis(axes.has_value() ? (*axes)[i] : static_cast<std::int64_t>(i), shape->rank());
    if (!axis.ok()) return axis.status();
    const auto place = static_cast<std::size_t>(*axis);
    const std::int64_t start = (*starts)[i];
    const std::int64_t end = (*ends)[i];
    const std::int64_t step = steps.has_value() ? (*steps)[i] : 1;
    if (step == 0 || done[place]) {
      return absl::InvalidArgumentError(
          step == 0 ? "a step is 0; expected another number"
                    : absl::StrCat("axis ", *axis, " is sliced twice; expected once"));
    }
    done[place] = true;
    if (*axis == shape->batch) {
      // Exporters write the greatest integers for "all rows".
      const std::int64_t rows = operands.conversion.static_batch;
      const bool all = start == 0 && step == 1 &&
                       (end >= std::numeric_limits<std::int32_t>::max() ||
                        end == BatchTimes(shape->dimensions[place]) ||
                        (rows > 0 && end >= rows * shape->dimensions[place]));
      if (!all) return MixesRows("it takes a part of");
      continue;
    }
    const std::int64_t size = shape->dimensions[place];
    // Steps greater than the size all take one entry.
    const std::int64_t most = Network::kMaxWidth;
    slices[place] = SliceRange(start, end, std::clamp(step, -most, most), size);
    sliced.dimensions[place] = slices[place].count;
    if (slices[place].count < 1 && shape->has_batch()) {
      return absl::UnimplementedError(
          absl::StrCat("the part from ", start, " to ", end, " of ", CountText(size, "value"),
                       " has none; supported are parts of 1 value or more"));
    }
  }
  const std::vector<std::int64_t> strides = StridesOf(shape->dimensions);
  return Wired(operands, MakeWiring(operands, std::move(sliced), [&](Place place) {
                 std::int64_t unit = 0;
                 for (std::size_t k = 0; k < place.size(); ++k) {
                   unit += (slices[k].first + place[k] * slices[k].step) * strides[k];
                 }
                 return unit;
               }));
}

// ---- Split ----

absl::Status NoSplit(const std::vector<std::int64_t>& sizes, std::int64_t axis, std::int64_t size) {
  return absl::InvalidArgumentError(absl::StrCat("its parts ", ShapeText(sizes),
                                                 " do not make up axis ", axis, "; expected a sum ",
                                                 "of ", size));
}

absl::StatusOr<OnnxValues> SplitWhole(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<std::int64_t> axis =
      PlaceOfAxis(IntegerAttribute(operands.node, "axis", 0), shape->rank());
  if (!axis.ok()) return axis.status();
  if (*axis == shape->batch) return MixesRows("it splits");
  const std::int64_t size = shape->dimensions[static_cast<std::size_t>(*axis)];
  const std::int64_t parts = operands.node.output_size();
  if (parts < 1 || parts > size) {
    return absl::UnimplementedError(absl::StrCat("axis ", *axis, " of ", CountText(size, "value"),
                                                 " is split into ", CountText(parts, "part"),
                                                 "; supported are parts of 1 value or more"));
  }
  const absl::StatusOr<std::optional<std::vector<std::int64_t>>> given =
      IntegersAt(operands, 1, "split");
  if (!given.ok()) return given.status();
  std::vector<std::int64_t> sizes;
  if (given->has_value()) {
    sizes = **given;
  } else {
    // If the parts cannot be equal, the last one is smaller.
    const std::int64_t part = (size + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) sizes.push_back(std::min(part, size - i * part));
  }
  if (static_cast<std::int64_t>(sizes.size()) != parts) {
    return absl::InvalidArgumentError(absl::StrCat("it has ", CountText(parts, "output"), " and ",
                                                   CountText(sizes.size(), "size"),
                                                   "; expected one size for each output"));
  }
  const std::vector<std::int64_t> strides = StridesOf(shape->dimensions);
  OnnxValues values;
  std::int64_t first = 0;
  for (const std::int64_t part : sizes) {
    if (part == 0) {
      return absl::UnimplementedError(absl::StrCat(
          "a part of ", ShapeText(sizes), " is empty; supported are parts of 1 value ", "or more"));
    }
    if (part < 0 || part > size - first) return NoSplit(sizes, *axis, size);
    WholeShape part_shape = *shape;
    part_shape.dimensions[static_cast<std::size_t>(*axis)] = part;
    const std::int64_t skipped = first * strides[static_cast<std::size_t>(*axis)];
    const absl::StatusOr<Wiring> wiring =
        MakeWiring(operands, std::move(part_shape),
                   [&](Place place) { return skipped + UnitAt(place, strides); });
    if (!wiring.ok()) return wiring.status();
    absl::StatusOr<OnnxValue> value = WiredAt(operands, 0, *wiring);
    if (!value.ok()) return value.status();
    values.push_back(*std::move(value));
    first += part;
  }
  if (first != size) return NoSplit(sizes, *axis, size);
  return values;
}

}  // namespace

const std::vector<OnnxOperator>& SliceOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Slice",
       "",
       1,
       5,
       {{"axes", AttributeProto::INTS},
        {"ends", AttributeProto::INTS},
        {"starts", AttributeProto::INTS}},
       SliceWhole},
      {"Split",
       "",
       1,
       2,
       {{"axis", AttributeProto::INT},
        {"num_outputs", AttributeProto::INT},
        {"split", AttributeProto::INTS}},
       SplitWhole},
  };
  return *operators;
}

}  // namespace mlp
