#include "model/formats/onnx/operators/broadcast.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Messages name only the first operands.
constexpr std::size_t kMaxNamed = 4;

FullShape WithBatch(const RowShape& row_shape, const OnnxConversion& conversion) {
  FullShape shape = {conversion.batch_is_one ? 1 : kBatchSize};
  shape.insert(shape.end(), row_shape.begin(), row_shape.end());
  return shape;
}

absl::StatusOr<FullShape> ShapeOf(const Operands& operands, std::size_t index) {
  if (IsSignal(operands, index)) {
    return WithBatch(std::get<Signal>(*operands.At(index)).row_shape, operands.conversion);
  }
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<ShapeList>(*value)) {
    const auto& list = std::get<ShapeList>(*value);
    if (list.scalar) return FullShape{};
    return FullShape{static_cast<std::int64_t>(list.entries.size())};
  }
  const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  // Ensures that no dimension is negative, because kBatchSize is.
  if (const auto count = CountOf(*constant); !count.ok()) return count.status();
  FullShape shape = constant->Dimensions();
  if (!constant->for_each_row) return shape;
  return WithBatch({shape.begin() + 1, shape.end()}, operands.conversion);
}

std::string FullShapeText(FullShape shape) {
  std::replace(shape.begin(), shape.end(), kBatchSize, std::int64_t{-1});
  return ShapeText(shape);
}

// "'a' has shape [-1,3] and 'c' has shape [1,1,3]"
std::string OperandsText(const Operands& operands, const std::vector<FullShape>& shapes) {
  std::string text;
  const std::size_t named = std::min(shapes.size(), kMaxNamed);
  for (std::size_t i = 0; i < named; ++i) {
    const bool last = i + 1 == shapes.size();
    absl::StrAppend(&text, i == 0 ? "" : (last ? " and " : ", "),
                    Quote(operands.node.input(static_cast<int>(i))), " has shape ",
                    FullShapeText(shapes[i]));
  }
  if (named < shapes.size()) absl::StrAppend(&text, ", and so on");
  return text;
}

// The dimension at `place` of a shape that is aligned with shapes of `rank` dimensions.
std::int64_t AlignedAt(const FullShape& shape, std::size_t rank, std::size_t place) {
  const std::size_t ahead = rank - shape.size();
  return place < ahead ? 1 : shape[place - ahead];
}

struct Together {
  FullShape shape;
  bool fits = true;
  bool batch_meets_size = false;
};

Together TogetherOf(const std::vector<FullShape>& shapes) {
  Together together;
  std::size_t rank = 0;
  for (const FullShape& shape : shapes) rank = std::max(rank, shape.size());
  for (std::size_t place = 0; place < rank; ++place) {
    std::int64_t dimension = 1;
    for (const FullShape& shape : shapes) {
      const std::int64_t own_size = AlignedAt(shape, rank, place);
      if (own_size == 1 || own_size == dimension) continue;
      const bool is_batch = own_size == kBatchSize || dimension == kBatchSize;
      if (dimension != 1 && is_batch) together.batch_meets_size = true;
      if (dimension != 1 && !is_batch) together.fits = false;
      dimension = own_size;
    }
    together.shape.push_back(dimension);
  }
  return together;
}

absl::StatusOr<std::vector<FullShape>> ShapesOf(const Operands& operands) {
  std::vector<FullShape> shapes;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    absl::StatusOr<FullShape> shape = ShapeOf(operands, i);
    if (!shape.ok()) return shape.status();
    shapes.push_back(*std::move(shape));
  }
  return shapes;
}

absl::StatusOr<FullShape> BroadcastShapes(const Operands& operands,
                                          const std::vector<FullShape>& shapes) {
  Together together = TogetherOf(shapes);
  if (!together.fits) {
    return absl::InvalidArgumentError(
        absl::StrCat(OperandsText(operands, shapes),
                     "; expected dimensions that, counted from the last, are equal or 1"));
  }
  if (together.batch_meets_size) {
    return absl::UnimplementedError(
        absl::StrCat(OperandsText(operands, shapes),
                     "; aligned at the last dimension, the batch meets a fixed size, which matches "
                     "only a batch of that size; supported are operands with the same number of "
                     "dimensions, or constants with fewer"));
  }
  const auto batches = std::count(together.shape.begin(), together.shape.end(), kBatchSize);
  if (batches > 1 || (batches == 1 && together.shape[0] != kBatchSize)) {
    return absl::UnimplementedError(absl::StrCat(
        OperandsText(operands, shapes), "; together they make ", FullShapeText(together.shape),
        ", which does not have one row for each row; supported are operands with the same number "
        "of dimensions, or constants with fewer"));
  }
  return std::move(together.shape);
}

// The constant's dimensions within a row of `row_shape`, without the batch; nothing if it does not
// broadcast to [batch, row_shape...].
std::optional<std::vector<std::int64_t>> InARow(const OnnxConstant& constant,
                                                const RowShape& row_shape) {
  std::vector<std::int64_t> dimensions = constant.Dimensions();
  const bool has_batch = dimensions.size() == row_shape.size() + 1;
  if (constant.for_each_row && !has_batch) return std::nullopt;
  if (has_batch) {
    if (dimensions.front() != 1) return std::nullopt;
    dimensions.erase(dimensions.begin());
  }
  if (dimensions.size() > row_shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const std::int64_t own = dimensions[dimensions.size() - 1 - i];
    if (own != 1 && own != row_shape[row_shape.size() - 1 - i]) return std::nullopt;
  }
  return dimensions;
}

// The index, in a tensor of dimensions `own`, of the value that broadcasts to `index` of `common`.
std::size_t BroadcastIndex(const std::vector<std::int64_t>& own, const RowShape& common,
                           std::size_t index) {
  std::size_t from = 0;
  std::size_t stride = 1;
  for (std::size_t k = 0; k < own.size(); ++k) {
    const auto size = static_cast<std::size_t>(common[common.size() - 1 - k]);
    const auto own_size = static_cast<std::size_t>(own[own.size() - 1 - k]);
    if (own_size != 1) from += index % size * stride;
    index /= size;
    stride *= own_size;
  }
  return from;
}

}  // namespace

absl::StatusOr<FullShape> BroadcastShape(const Operands& operands) {
  const absl::StatusOr<std::vector<FullShape>> shapes = ShapesOf(operands);
  if (!shapes.ok()) return shapes.status();
  return BroadcastShapes(operands, *shapes);
}

absl::StatusOr<RowShape> BroadcastRowShape(const Operands& operands) {
  const absl::StatusOr<std::vector<FullShape>> shapes = ShapesOf(operands);
  if (!shapes.ok()) return shapes.status();
  const absl::StatusOr<FullShape> together = BroadcastShapes(operands, *shapes);
  if (!together.ok()) return together.status();
  // A batch that the file fixes to 1 may meet a constant of more rows.
  for (std::size_t i = 0; i < shapes->size(); ++i) {
    if (!IsSignal(operands, i) || AlignedAt((*shapes)[i], together->size(), 0) == together->front())
      continue;
    return absl::UnimplementedError(absl::StrCat(
        OperandsText(operands, *shapes), "; together they make ", FullShapeText(*together),
        ", which repeats the rows of ", Quote(operands.node.input(static_cast<int>(i))),
        "; supported are constants for one row"));
  }
  const RowShape row_shape(together->begin() + 1, together->end());
  std::int64_t width = 1;
  for (const std::int64_t dimension : row_shape) {
    width *= dimension;
    if (width >= 1 && width <= Network::kMaxWidth) continue;
    return absl::UnimplementedError(absl::StrCat(
        OperandsText(operands, *shapes), "; together they make ", FullShapeText(*together),
        "; supported are rows of 1 to ", Network::kMaxWidth, " values"));
  }
  return row_shape;
}

RowNodeId BroadcastSignal(const Operands& operands, const Signal& signal,
                          const RowShape& row_shape) {
  if (signal.row_shape == row_shape) return signal.node;
  const std::int64_t width = WidthOf(row_shape);
  if (width == WidthOf(signal.row_shape)) return signal.node;
  Selection selection;
  selection.units.reserve(static_cast<std::size_t>(width));
  for (std::int64_t unit = 0; unit < width; ++unit) {
    selection.units.push_back(static_cast<std::int32_t>(
        BroadcastIndex(signal.row_shape, row_shape, static_cast<std::size_t>(unit))));
  }
  return AddRowOperation(operands, std::move(selection), {signal.node}, width);
}

absl::StatusOr<std::vector<double>> BroadcastConstant(const OnnxConstant& constant,
                                                      const RowShape& row_shape,
                                                      ConstantLimits& limits) {
  const std::optional<std::vector<std::int64_t>> dimensions = InARow(constant, row_shape);
  if (!dimensions.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(constant.Text(), " has dimensions ", ShapeText(constant.Dimensions()),
                     ", which do not broadcast to rows of shape ", ShapeText(row_shape),
                     "; expected dimensions that, counted from the last, are equal or 1"));
  }
  absl::StatusOr<ConstantTensor<double>> numbers = ReadNumbers(constant, limits);
  if (!numbers.ok()) return numbers.status();
  // ConstantOfShape has one value; the activation finder expects a single value too.
  const bool is_one = std::all_of(numbers->values.begin(), numbers->values.end(),
                                  [&](double value) { return value == numbers->values[0]; });
  if (constant.for_each_row && is_one) return std::vector<double>{numbers->values[0]};
  const auto width = static_cast<std::size_t>(WidthOf(row_shape));
  if (numbers->values.size() == 1 || numbers->values.size() == width) {
    return std::move(numbers->values);
  }
  if (auto status = TakeBytes(absl::StrCat("the broadcast values of ", constant.Text()),
                              static_cast<std::int64_t>(width * sizeof(double)), limits);
      !status.ok()) {
    return status;
  }
  std::vector<double> spread(width);
  for (std::size_t i = 0; i < width; ++i) {
    spread[i] = numbers->values[BroadcastIndex(*dimensions, row_shape, i)];
  }
  return spread;
}

}  // namespace mlp
