// Shapes on the wire: a tensor's shape for one row, with the batch dimension in front.

#ifndef MLP_SERVER_RPC_TENSOR_SHAPE_H_
#define MLP_SERVER_RPC_TENSOR_SHAPE_H_

#include <cstdint>
#include <vector>

namespace mlp {

// -1 means any number of rows, as in the metadata.
inline std::vector<std::int64_t> WithBatchDimension(const std::vector<std::int64_t>& row_shape,
                                                    std::int64_t rows = -1) {
  std::vector<std::int64_t> shape;
  shape.reserve(row_shape.size() + 1);
  shape.push_back(rows);
  shape.insert(shape.end(), row_shape.begin(), row_shape.end());
  return shape;
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_TENSOR_SHAPE_H_
