// Turns the outputs of an ONNX graph into a network's.

#ifndef MLP_MODEL_FORMATS_ONNX_OUTPUTS_H_
#define MLP_MODEL_FORMATS_ONNX_OUTPUTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/formats/graph/row_graph.h"
#include "model/formats/onnx/values/conversion.h"
#include "model/formats/onnx/values/value.h"

namespace mlp {

// Adds the output `name`, which is `value`. A sequence becomes one output for each of its tensors.
// A constant of one row is answered for each row, and any other constant is left out; both with a
// warning. UNIMPLEMENTED for a value without one row for each row of the input.
absl::Status AddOutputs(const std::string& name, const OnnxValue& value, OnnxConversion& conversion,
                        std::vector<RowGraphOutput>& outputs);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OUTPUTS_H_
