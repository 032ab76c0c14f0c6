// The operators that permute and repeat values along the dimensions of a tensor, and Trilu, which
// keeps a triangle of them.

#include <algorithm>
#include <numeric>
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

// ---- Transpose ----

absl::StatusOr<OnnxValues> TransposeWhole(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  std::vector<std::int64_t> permutation(static_cast<std::size_t>(shape->rank()));
  std::iota(permutation.rbegin(), permutation.rend(), std::int64_t{0});
  if (auto given = IntegersAttribute(operands.node, "perm")) permutation = *std::move(given);
  std::vector<std::int64_t> sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  bool valid = sorted.size() == shape->dimensions.size();
  for (std::size_t i = 0; valid && i < sorted.size(); ++i) {
    valid = sorted[i] == static_cast<std::int64_t>(i);
  }
  if (!valid) {
    return absl::InvalidArgumentError(absl::StrCat(
        "perm ", ShapeText(permutation), " does not permute the shape ", TextOf(*shape),
        "; expected each dimension once, from 0 to ", shape->rank() - 1));
  }
  // A weight matrix is not copied: only the view of it changes.
  if (const auto* constant = std::get_if<OnnxConstant>(operands.At(0));
      constant != nullptr && !constant->for_each_row && shape->rank() == 2) {
    OnnxConstant transposed = *constant;
    transposed.transposed = transposed.transposed != (permutation[0] == 1);
    return SingleValue(transposed);
  }
  return Wired(operands, Permuted(operands, *shape, permutation));
}

// ---- Expand, Tile ----

absl::StatusOr<OnnxValues> Expand(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<ShapeList> target = ShapeListAt(operands, 1);
  if (!target.ok()) return target.status();
  const auto rank = std::max(shape->dimensions.size(), target->entries.size());
  if (rank > WholeShape::kMaxDimensions) {
    return absl::UnimplementedError(absl::StrCat(InputText(operands, 1), " makes ", rank,
                                                 " dimensions; supported are at most ",
                                                 WholeShape::kMaxDimensions));
  }
  const auto at = [rank](const std::vector<std::int64_t>& list, std::size_t place) {
    const std::size_t ahead = rank - list.size();
    return place < ahead ? 1 : list[place - ahead];
  };
  const auto refused = [&] {
    return absl::UnimplementedError(
        absl::StrCat("it cannot be repeated from ", TextOf(*shape), " to the shape ",
                     TextOfDimensions(target->entries),
                     "; supported are shapes in which each row stays one row"));
  };
  WholeShape repeated{std::vector<std::int64_t>(rank, 1)};
  if (shape->has_batch()) {
    repeated.batch = shape->batch + static_cast<std::int64_t>(rank - shape->dimensions.size());
  }
  const std::int64_t rows = operands.conversion.static_batch;
  for (std::size_t place = 0; place < rank; ++place) {
    const std::int64_t own = at(shape->dimensions, place);
    const std::int64_t wanted = at(target->entries, place);
    const std::int64_t times = TimesOfBatch(wanted);
    std::int64_t& dimension = repeated.dimensions[place];
    if (static_cast<std::int64_t>(place) == repeated.batch) {
      if (wanted != 1 && times != own && (rows == 0 || wanted != rows * own)) return refused();
      dimension = own;
    } else if (times != 0) {
      if (own != 1 || times != 1 || repeated.has_batch()) return refused();
      repeated.batch = static_cast<std::int64_t>(place);
    } else if (wanted == own || wanted == 1) {
      dimension = own;
    } else if (own == 1 && wanted >= 1 && wanted <= Network::kMaxWidth) {
      dimension = wanted;
    } else {
      return refused();
    }
  }
  return Wired(operands, Repeated(operands, *shape, repeated));
}

absl::StatusOr<OnnxValues> Tile(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<ShapeList> repeats = ShapeListAt(operands, 1);
  if (!repeats.ok()) return repeats.status();
  if (repeats->entries.size() != shape->dimensions.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 1), " has ", CountText(repeats->entries.size(), "value"),
                     " for ", CountText(shape->rank(), "dimension"), "; expected one for each"));
  }
  WholeShape tiled = *shape;
  for (std::size_t k = 0; k < tiled.dimensions.size(); ++k) {
    const std::int64_t repeat = repeats->entries[k];
    // A single row repeated by the number of rows is a constant for each row.
    if (TimesOfBatch(repeat) == 1 && tiled.dimensions[k] == 1 && !tiled.has_batch()) {
      tiled.batch = static_cast<std::int64_t>(k);
      continue;
    }
    if (static_cast<std::int64_t>(k) == shape->batch) {
      if (repeat != 1) return MixesRows("it repeats");
      continue;
    }
    if (repeat < 0 || repeat > Network::kMaxWidth) {
      return absl::UnimplementedError(
          absl::StrCat("it repeats a dimension ", TextOfDimensions({repeat}),
                       " times; supported are 0 to ", Network::kMaxWidth));
    }
    tiled.dimensions[k] *= repeat;
  }
  const std::vector<std::int64_t> strides = StridesOf(shape->dimensions);
  return Wired(operands, MakeWiring(operands, std::move(tiled), [&](Place place) {
                 std::int64_t unit = 0;
                 for (std::size_t k = 0; k < place.size(); ++k) {
                   unit += place[k] % shape->dimensions[k] * strides[k];
                 }
                 return unit;
               }));
}

// ---- Trilu ----

absl::StatusOr<OnnxValues> Trilu(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  std::int64_t diagonal = 0;
  if (operands.At(1) != nullptr) {
    const absl::StatusOr<ShapeList> given = ShapeListAt(operands, 1);
    if (!given.ok()) return given.status();
    if (given->entries.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(InputText(operands, 1), " has ",
                                                     CountText(given->entries.size(), "value"),
                                                     "; expected one diagonal"));
    }
    diagonal = std::clamp(given->entries[0], -Network::kMaxWidth, Network::kMaxWidth);
  }
  if (shape->rank() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(InputText(operands, 0), " has the shape ",
                                                   TextOf(*shape), "; expected a matrix"));
  }
  if (shape->batch >= shape->rank() - 2) return MixesRows("it takes a triangle of");
  const bool upper = IntegerAttribute(operands.node, "upper", 1) != 0;
  const std::vector<std::int64_t> strides = StridesOf(shape->dimensions);
  return Wired(operands, MakeWiring(operands, *shape, [&](Place place) -> std::int64_t {
                 const std::int64_t over =
                     place[place.size() - 1] - place[place.size() - 2] - diagonal;
                 const bool kept = upper ? over >= 0 : over <= 0;
                 return kept ? UnitAt(place, strides) : Wiring::kFilled;
               }));
}

// ---- DepthToSpace, SpaceToDepth ----

// Converts blocks of [block, block] pixels to channels, or vice versa.
absl::StatusOr<OnnxValues> Rearranged(const Operands& operands, bool to_space) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  const std::int64_t block = IntegerAttribute(operands.node, "blocksize", 0);
  const AttributeProto* mode = FindAttribute(operands.node, "mode");
  const bool by_column = mode != nullptr && mode->s() == "CRD";
  const auto& d = shape->dimensions;
  if (shape->rank() != 4 || shape->batch > 0 || block < 1 || block > Network::kMaxWidth) {
    return absl::UnimplementedError(absl::StrCat(
        InputText(operands, 0), " has the shape ", TextOf(*shape), " for blocks of ", block,
        "; supported are images [batch,channels,height,width] and blocks from 1 on"));
  }
  const bool fits = to_space ? d[1] % block == 0 && d[1] / block % block == 0
                             : d[2] % block == 0 && d[3] % block == 0;
  if (!fits) {
    return absl::InvalidArgumentError(absl::StrCat(
        "blocks of ", block, " do not fit the shape ", TextOf(*shape), "; expected ",
        to_space ? "channels that their square divides" : "a height and a width that they divide"));
  }
  WholeShape made = *shape;
  if (to_space) {
    made.dimensions = {d[0], d[1] / block / block, d[2] * block, d[3] * block};
  } else {
    made.dimensions = {d[0], d[1] * block * block, d[2] / block, d[3] / block};
  }
  const std::vector<std::int64_t> strides = StridesOf(d);
  const std::int64_t channels = to_space ? made.dimensions[1] : d[1];
  return Wired(operands, MakeWiring(operands, made, [&](Place place) {
                 std::int64_t from[4] = {place[0], place[1], place[2], place[3]};
                 if (to_space) {
                   const std::int64_t offset = place[2] % block * block + place[3] % block;
                   from[1] =
                       by_column ? place[1] * block * block + offset : offset * channels + place[1];
                   from[2] = place[2] / block;
                   from[3] = place[3] / block;
                 } else {
                   const std::int64_t offset = place[1] / channels;
                   from[1] = place[1] % channels;
                   from[2] = place[2] * block + offset / block;
                   from[3] = place[3] * block + offset % block;
                 }
                 return UnitAt(from, strides);
               }));
}

absl::StatusOr<OnnxValues> DepthToSpace(const Operands& operands) {
  return Rearranged(operands, true);
}

absl::StatusOr<OnnxValues> SpaceToDepth(const Operands& operands) {
  return Rearranged(operands, false);
}

}  // namespace

const std::vector<OnnxOperator>& WiringOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"DepthToSpace",
       "",
       1,
       1,
       {{"blocksize", AttributeProto::INT}, {"mode", AttributeProto::STRING}},
       DepthToSpace},
      {"Expand", "", 2, 2, {}, Expand},
      {"SpaceToDepth", "", 1, 1, {{"blocksize", AttributeProto::INT}}, SpaceToDepth},
      {"Tile", "", 2, 2, {}, Tile},
      {"Transpose", "", 1, 1, {{"perm", AttributeProto::INTS}}, TransposeWhole},
      {"Trilu", "", 1, 2, {{"upper", AttributeProto::INT}}, Trilu},
  };
  return *operators;
}

}  // namespace mlp
