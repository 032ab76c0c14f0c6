#include "model/formats/onnx/operators/reshape.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/quote.h"

namespace mlp {
namespace {

// A target, with the places of the batch and of the dimension to infer; -1 if there is none.
struct Target {
  std::vector<std::int64_t> dimensions;  // for the batch: the number of positions for each row
  std::int64_t batch = -1;
  std::int64_t inferred = -1;
};

std::optional<Target> TargetOf(const WholeShape& shape, const std::vector<std::int64_t>& entries,
                               bool zero_is_a_size) {
  Target target;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    std::int64_t entry = entries[i];
    bool is_batch = TimesOfBatch(entry) != 0;
    if (is_batch) entry = TimesOfBatch(entry);
    if (entry == 0 && !zero_is_a_size && i < shape.dimensions.size()) {
      entry = shape.dimensions[i];
      is_batch = place == shape.batch;
    }
    if (is_batch && target.batch >= 0) return std::nullopt;
    if (is_batch) target.batch = place;
    if (entry == -1) {
      if (target.inferred >= 0) return std::nullopt;
      target.inferred = place;
      entry = 1;
    }
    // A constant may have no values.
    if (entry < (shape.has_batch() ? 1 : 0)) return std::nullopt;
    target.dimensions.push_back(entry);
  }
  return target;
}

// The product of the dimensions; nothing if it exceeds `most`.
std::optional<std::int64_t> ProductUpTo(const std::vector<std::int64_t>& dimensions,
                                        std::int64_t most) {
  std::int64_t product = 1;
  for (const std::int64_t dimension : dimensions) {
    if (dimension > most) return std::nullopt;
    product *= dimension;
    if (product > most) return std::nullopt;
  }
  return product;
}

std::optional<WholeShape> Fitted(const WholeShape& shape, Target target) {
  const std::int64_t count = shape.count();
  const std::optional<std::int64_t> known =
      ProductUpTo(target.dimensions, std::max<std::int64_t>(1, count));
  if (!known.has_value()) return std::nullopt;
  if (target.inferred >= 0) {
    if (*known == 0 || count % *known != 0) return std::nullopt;
    target.dimensions[static_cast<std::size_t>(target.inferred)] = count / *known;
  } else if (*known != count) {
    return std::nullopt;
  }
  if (shape.has_batch() && target.batch < 0) target.batch = target.inferred;
  if (shape.has_batch() != (target.batch >= 0)) return std::nullopt;
  WholeShape fitted{std::move(target.dimensions), target.batch};
  if (!fitted.has_batch()) return fitted;
  // The values before the batch must stay before it.
  if (fitted.CountBefore(fitted.batch) != shape.CountBefore(shape.batch)) return std::nullopt;
  return fitted;
}

// The target with the file's fixed batch, at `place`, replaced by the free batch; nothing if that
// dimension is not a multiple of the batch.
std::optional<std::vector<std::int64_t>> WithBatchAt(std::vector<std::int64_t> target,
                                                     std::size_t place, std::int64_t rows) {
  if (target[place] < rows || target[place] % rows != 0 || target[place] / rows > kMaxBatchTimes) {
    return std::nullopt;
  }
  target[place] = BatchTimes(target[place] / rows);
  return target;
}

}  // namespace

absl::StatusOr<WholeShape> ReshapedWhole(const WholeShape& shape,
                                         const std::vector<std::int64_t>& target,
                                         bool zero_is_a_size, std::int64_t static_batch) {
  if (target.size() <= WholeShape::kMaxDimensions) {
    const auto fit = [&](const std::vector<std::int64_t>& dimensions) {
      const std::optional<Target> resolved = TargetOf(shape, dimensions, zero_is_a_size);
      return resolved.has_value() ? Fitted(shape, *resolved) : std::nullopt;
    };
    const auto fit_with_batch_at = [&](std::size_t place) -> std::optional<WholeShape> {
      const auto with_batch = WithBatchAt(target, place, static_batch);
      return with_batch.has_value() ? fit(*with_batch) : std::nullopt;
    };
    const bool is_static = shape.has_batch() && static_batch > 0;
    std::optional<WholeShape> fitted;
    // If the first dimension is the file's fixed batch, it is taken as the batch before anything is
    // inferred.
    if (is_static && !target.empty() && target[0] == static_batch) fitted = fit_with_batch_at(0);
    if (!fitted.has_value()) fitted = fit(target);
    for (std::size_t i = 0; is_static && !fitted.has_value() && i < target.size(); ++i) {
      fitted = fit_with_batch_at(i);
    }
    if (fitted.has_value()) return *std::move(fitted);
  }
  if (!shape.has_batch()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a constant of dimensions ", TextOf(shape), " cannot be reshaped to ",
                     TextOfDimensions(target), "; expected the same number of values"));
  }
  std::vector<std::int64_t> row = shape.dimensions;
  const bool plain = shape.batch == 0 && row[0] == 1;
  if (plain) row.erase(row.begin());
  return absl::UnimplementedError(absl::StrCat(
      plain ? "rows of shape " : "a tensor of shape ", plain ? ShapeText(row) : TextOf(shape),
      " cannot be reshaped to ", TextOfDimensions(target),
      "; supported are shapes in which each row stays one row, as in [-1,...] with the same number "
      "of values"));
}

absl::StatusOr<WholeShape> SqueezedWhole(const WholeShape& shape,
                                         const std::optional<std::vector<std::int64_t>>& axes) {
  std::vector<bool> removed(shape.dimensions.size(), false);
  if (!axes.has_value()) {
    for (std::size_t k = 0; k < removed.size(); ++k) {
      removed[k] = shape.dimensions[k] == 1 && static_cast<std::int64_t>(k) != shape.batch;
    }
  } else {
    for (const std::int64_t axis : *axes) {
      const absl::StatusOr<std::int64_t> place = PlaceOfAxis(axis, shape.rank());
      if (!place.ok()) return place.status();
      if (*place == shape.batch) {
        return absl::UnimplementedError(absl::StrCat("axis ", axis, " of ", TextOf(shape),
                                                     " is the batch's, which cannot be squeezed; "
                                                     "supported are dimensions of 1 within a row"));
      }
      if (const std::int64_t size = shape.dimensions[static_cast<std::size_t>(*place)]; size != 1) {
        return absl::InvalidArgumentError(absl::StrCat("axis ", axis, " of ", TextOf(shape),
                                                       " cannot be squeezed, because its size is ",
                                                       size, "; expected 1"));
      }
      removed[static_cast<std::size_t>(*place)] = true;
    }
  }
  WholeShape squeezed;
  for (std::size_t k = 0; k < removed.size(); ++k) {
    if (removed[k]) continue;
    if (static_cast<std::int64_t>(k) == shape.batch) squeezed.batch = squeezed.rank();
    squeezed.dimensions.push_back(shape.dimensions[k]);
  }
  return squeezed;
}

absl::StatusOr<WholeShape> UnsqueezedWhole(const WholeShape& shape,
                                           const std::vector<std::int64_t>& axes) {
  const auto rank = static_cast<std::int64_t>(shape.dimensions.size() + axes.size());
  if (rank > static_cast<std::int64_t>(WholeShape::kMaxDimensions)) {
    return absl::UnimplementedError(absl::StrCat(
        "it makes ", rank, " dimensions; supported are at most ", WholeShape::kMaxDimensions));
  }
  std::vector<bool> added(static_cast<std::size_t>(rank), false);
  for (const std::int64_t axis : axes) {
    const absl::StatusOr<std::int64_t> place = PlaceOfAxis(axis, rank);
    if (!place.ok()) return place.status();
    if (added[static_cast<std::size_t>(*place)]) {
      return absl::InvalidArgumentError(
          absl::StrCat("axis ", axis, " is added twice; expected once"));
    }
    added[static_cast<std::size_t>(*place)] = true;
  }
  WholeShape unsqueezed;
  std::int64_t next = 0;
  for (std::size_t k = 0; k < added.size(); ++k) {
    if (!added[k] && next == shape.batch) unsqueezed.batch = static_cast<std::int64_t>(k);
    unsqueezed.dimensions.push_back(added[k] ? 1
                                             : shape.dimensions[static_cast<std::size_t>(next++)]);
  }
  return unsqueezed;
}

absl::StatusOr<OnnxValues> WithShapeOf(const Operands& operands,
                                       const absl::StatusOr<WholeShape>& shape) {
  if (!shape.ok()) return shape.status();
  if (IsSignal(operands, 0)) {
    absl::StatusOr<Signal> x = WholeSignalAt(operands, 0);
    if (!x.ok()) return x.status();
    const RowNodeId node = x->node;
    return SingleValue(WithWholeShape(*std::move(x), node, *shape));
  }
  if (const auto* list = std::get_if<ShapeList>(operands.At(0))) {
    absl::StatusOr<OnnxValue> value = IntegersOf(operands, shape->dimensions, list->entries);
    if (!value.ok()) return value.status();
    return SingleValue(*std::move(value));
  }
  const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  if (constant->transposed || constant->for_each_row) {
    return Wired(operands, InOrder(operands, *shape));
  }
  // The values stay as in the file, so that weights are read once and keep their type.
  const auto bytes = static_cast<std::int64_t>(constant->tensor->SpaceUsedLong());
  if (auto status = TakeConstantBytes(operands, bytes); !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back(*constant->tensor);
  made.clear_dims();
  for (const std::int64_t dimension : shape->dimensions) made.add_dims(dimension);
  return SingleValue(OnnxConstant{&made});
}

}  // namespace mlp
