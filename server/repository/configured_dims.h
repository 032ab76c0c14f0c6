// The dims that a ModelConfig has for a tensor, beside the shape that the model has.

#ifndef MLP_SERVER_REPOSITORY_CONFIGURED_DIMS_H_
#define MLP_SERVER_REPOSITORY_CONFIGURED_DIMS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace mlp {

// Of a row, or with the batch in front: -1, and where `max_batch_size` is 0, as Triton has it, also
// a number: the batch that the model was exported with, which is taken as any.
struct ConfiguredDims {
  std::vector<std::int64_t> dims;
  std::int64_t max_batch_size = 0;
};

// Whether they are those of rows of `shape`.
bool AreDimsOf(const std::vector<std::int64_t>& shape, const ConfiguredDims& configured);

// What is said where they are not: "has dims [2,4]; the model has ...".
std::string DimsDiffer(const std::vector<std::int64_t>& shape, const ConfiguredDims& configured);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_CONFIGURED_DIMS_H_
