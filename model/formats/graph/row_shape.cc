#include "model/formats/graph/row_shape.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// The width of a row is limited by Network::kMaxWidth, so the product cannot overflow.
std::int64_t ProductOf(const RowShape& row) {
  return std::accumulate(row.begin(), row.end(), std::int64_t{1}, std::multiplies<>());
}

std::string TargetText(const std::vector<std::int64_t>& target) {
  std::vector<std::int64_t> shown = target;
  std::replace(shown.begin(), shown.end(), kBatchSize, std::int64_t{-1});
  return ShapeText(shown);
}

}  // namespace

absl::StatusOr<RowShape> Reshaped(const RowShape& row, const std::vector<std::int64_t>& target,
                                  bool zero_is_a_size) {
  const std::int64_t width = ProductOf(row);
  const auto refused = [&] {
    return absl::UnimplementedError(absl::StrCat(
        "rows of shape ", ShapeText(row), " cannot be reshaped to ", TargetText(target),
        "; supported are shapes in which each row stays one row, as in [-1,...] with the same "
        "number of values"));
  };
  if (target.empty()) return refused();

  RowShape reshaped;
  std::int64_t known = 1;      // product of the given dimensions
  std::int64_t inferred = -1;  // position of the dimension to infer
  for (std::size_t i = 1; i < target.size(); ++i) {
    std::int64_t dimension = target[i];
    if (dimension == 0 && !zero_is_a_size && i <= row.size()) dimension = row[i - 1];
    if (dimension == -1 && inferred < 0) {
      inferred = static_cast<std::int64_t>(i) - 1;
      dimension = 1;
    }
    if (dimension < 1 || dimension > width) return refused();
    known *= dimension;
    if (known > width) return refused();
    reshaped.push_back(dimension);
  }
  if (inferred >= 0 && width % known == 0) {
    reshaped[static_cast<std::size_t>(inferred)] = width / known;
    known = width;
  }
  // The target may give the batch dimension in every way that keeps it; if the row's dimensions are
  // complete, that includes -1.
  const std::int64_t batch = target[0];
  const bool keeps_batch =
      batch == kBatchSize || (batch == 0 && !zero_is_a_size) || (batch == -1 && inferred < 0);
  if (!keeps_batch || known != width) return refused();
  return reshaped;
}

absl::StatusOr<RowShape> Flattened(const RowShape& row, std::int64_t axis) {
  const auto rank = static_cast<std::int64_t>(row.size()) + 1;
  // A negative axis counts from the end. Axis 0 makes one row of all rows; it is refused even if it
  // equals 1 - rank.
  if (axis != 1 && (axis >= 0 || axis + rank != 1)) {
    return absl::UnimplementedError(absl::StrCat(
        "axis ", axis, " is not supported; supported is 1, so that each row stays one row"));
  }
  return RowShape{ProductOf(row)};
}

absl::StatusOr<RowShape> Squeezed(const RowShape& row, const std::vector<std::int64_t>& axes) {
  const auto rank = static_cast<std::int64_t>(row.size()) + 1;
  std::vector<bool> removed(row.size(), false);
  for (const std::int64_t axis : axes) {
    const std::int64_t position = axis < 0 ? axis + rank : axis;
    if (position < 1 || position >= rank || row[static_cast<std::size_t>(position - 1)] != 1) {
      return absl::UnimplementedError(absl::StrCat(
          "axis ", axis, " of rows of shape ", ShapeText(row),
          " cannot be squeezed; supported is a dimension of 1 that is not the batch's"));
    }
    removed[static_cast<std::size_t>(position - 1)] = true;
  }
  RowShape squeezed;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!removed[i]) squeezed.push_back(row[i]);
  }
  return squeezed;
}

absl::StatusOr<RowShape> Unsqueezed(const RowShape& row, const std::vector<std::int64_t>& axes) {
  const auto rank = static_cast<std::int64_t>(row.size() + axes.size()) + 1;
  std::vector<bool> added(static_cast<std::size_t>(rank), false);
  for (const std::int64_t axis : axes) {
    const std::int64_t position = axis < 0 ? axis + rank : axis;
    if (position < 1 || position >= rank || rank > 16 ||
        added[static_cast<std::size_t>(position)]) {
      return absl::UnimplementedError(
          absl::StrCat("axis ", axis, " cannot be added to rows of shape ", ShapeText(row),
                       "; supported is one after the batch's"));
    }
    added[static_cast<std::size_t>(position)] = true;
  }
  RowShape unsqueezed;
  std::size_t next = 0;
  for (std::size_t i = 1; i < added.size(); ++i) {
    unsqueezed.push_back(added[i] ? 1 : row[next++]);
  }
  return unsqueezed;
}

}  // namespace mlp
