// The whole shape of a tensor, with the place of the batch in it. Most tensors have a row for each
// row of the input in dimension 0; stacks of networks and permuted ones have them elsewhere, and
// [batch * 5, 3] holds 5 positions for each row.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_WHOLE_SHAPE_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_WHOLE_SHAPE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// A row's values are row-major in `dimensions`. That of the batch counts the positions that stand
// in it for each row, 1 in most tensors.
struct WholeShape {
  static constexpr std::int64_t kNoBatch = -1;

  std::vector<std::int64_t> dimensions;
  std::int64_t batch = kNoBatch;  // its place; kNoBatch in a constant

  bool has_batch() const { return batch != kNoBatch; }
  std::int64_t rank() const { return static_cast<std::int64_t>(dimensions.size()); }
  // How many values a row, or a constant, has.
  std::int64_t count() const;
  // Of the dimensions in front of the place `end`.
  std::int64_t CountBefore(std::int64_t end) const;
};

// The shape as messages and the file's own shapes have it: kBatchSize times the positions.
std::vector<std::int64_t> FullDimensionsOf(const WholeShape& shape);
std::string TextOf(const WholeShape& shape);
std::string TextOfDimensions(std::vector<std::int64_t> dimensions);

// `axis` of a tensor of `rank` dimensions, from 0 on. INVALID_ARGUMENT where there is none.
absl::StatusOr<std::int64_t> PlaceOfAxis(std::int64_t axis, std::int64_t rank);

WholeShape WholeShapeOf(const Signal& signal);

// The same signal with another node and another shape, which has a batch.
Signal WithWholeShape(Signal signal, RowNodeId node, const WholeShape& shape);

// The shape of input `index`: a signal, a constant or a list. UNIMPLEMENTED for others.
absl::StatusOr<WholeShape> WholeShapeAt(const Operands& operands, std::size_t index);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_WHOLE_SHAPE_H_
