// Simplifies the computation of an index before a lookup. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_INDEX_FORMULA_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_INDEX_FORMULA_H_

#include <cstdint>

#include "model/formats/onnx/values/conversion.h"

namespace mlp {

// The value that `index` is computed from, if it selects the same of `entries` entries; otherwise
// `index`. This skips casts to integers and Keras' handling of negative indices. Evaluates the
// formula at every possible index, within the conversion's evaluation limit.
RowNodeId WithoutIndexing(OnnxConversion& conversion, RowNodeId index, std::int64_t entries);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_INDEX_FORMULA_H_
