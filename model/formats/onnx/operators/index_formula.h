// Sees through what a file computes of an index before it looks up with it. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_INDEX_FORMULA_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_INDEX_FORMULA_H_

#include <cstdint>

#include "model/formats/onnx/values/conversion.h"

namespace mlp {

// `index`, or what it is computed of where that names the same of `entries` entries: casts to
// integers, and the counting from the end that Keras writes. The formula is evaluated at every
// index there is, as long as the conversion's evaluations last.
RowNodeId WithoutIndexing(OnnxConversion& conversion, RowNodeId index, std::int64_t entries);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_INDEX_FORMULA_H_
