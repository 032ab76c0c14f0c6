// The dims that a ModelConfig gives for a tensor, compared with the shape that the model has.

#ifndef MLP_SERVER_REPOSITORY_CONFIGURED_DIMS_H_
#define MLP_SERVER_REPOSITORY_CONFIGURED_DIMS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace mlp {

// The dims of a row, or with the batch in front: -1 or, if `max_batch_size` is 0, also a positive
// number. As in Triton, that is the batch size that the model was exported with; any batch size is
// accepted.
struct ConfiguredDims {
  std::vector<std::int64_t> dims;
  std::int64_t max_batch_size = 0;
};

// Whether the configured dims are those of rows of `shape`.
bool AreDimsOf(const std::vector<std::int64_t>& shape, const ConfiguredDims& configured);

// The message if they are not: "has dims [2,4]; the model has ...".
std::string DimsDiffer(const std::vector<std::int64_t>& shape, const ConfiguredDims& configured);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_CONFIGURED_DIMS_H_
