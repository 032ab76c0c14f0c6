// The whole shape of a tensor, including the place of its batch. Most tensors have one row for each
// row of the input in dimension 0. Stacks of networks and permuted tensors have the batch
// elsewhere, and [batch * 5, 3] has 5 positions for each row.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_WHOLE_SHAPE_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_WHOLE_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// A row's values are row-major in `dimensions`. The batch's dimension is the number of positions
// that share it in each row, 1 in most tensors.
struct WholeShape {
  static constexpr std::int64_t kNoBatch = -1;

  // Of a shape that a file may compute. No model needs more, and lists that are joined with
  // themselves repeatedly would exhaust the memory.
  static constexpr std::size_t kMaxDimensions = 16;

  std::vector<std::int64_t> dimensions;
  std::int64_t batch = kNoBatch;  // place of the batch; kNoBatch for a constant

  bool has_batch() const { return batch != kNoBatch; }
  std::int64_t rank() const { return static_cast<std::int64_t>(dimensions.size()); }
  // The number of values of a row, or of a constant.
  std::int64_t count() const;
  // The number of values over the dimensions before the place `end`.
  std::int64_t CountBefore(std::int64_t end) const;
};

// The shape as in messages and in the file's shapes: the batch's dimension is kBatchSize times the
// positions.
std::vector<std::int64_t> FullDimensionsOf(const WholeShape& shape);
std::string TextOf(const WholeShape& shape);
std::string TextOfDimensions(std::vector<std::int64_t> dimensions);

// `axis` of a tensor of `rank` dimensions, counted from 0. INVALID_ARGUMENT if there is none.
absl::StatusOr<std::int64_t> PlaceOfAxis(std::int64_t axis, std::int64_t rank);

WholeShape WholeShapeOf(const Signal& signal);

// The same signal with another node and another shape, which must have a batch.
Signal WithWholeShape(Signal signal, RowNodeId node, const WholeShape& shape);

// The shape of input `index`, a signal, a constant or a list. UNIMPLEMENTED for other values.
absl::StatusOr<WholeShape> WholeShapeAt(const Operands& operands, std::size_t index);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_WHOLE_SHAPE_H_
