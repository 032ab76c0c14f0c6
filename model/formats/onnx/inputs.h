// Turns the inputs of an ONNX graph into a network's: fixed and free dimensions, and inputs that no
// node reads.

#ifndef MLP_MODEL_FORMATS_ONNX_INPUTS_H_
#define MLP_MODEL_FORMATS_ONNX_INPUTS_H_

#include <onnx/onnx_pb.h>

#include <string>

#include "absl/status/status.h"
#include "model/formats/onnx/scope.h"
#include "model/formats/onnx/values/conversion.h"

namespace mlp {

// Checks the name of an input or an output. Every answer sends it to clients.
absl::Status CheckTensorName(const std::string& name);

// Adds the graph's inputs to the row graph and the scope. The scope holds the graph's initializers:
// files of IR version 3 list these among the inputs too. A batch size that the file fixes is
// treated as free, with a warning. Inputs that nothing reads and that have no rows are left out,
// also with a warning.
absl::Status AddInputs(const onnx::GraphProto& graph, OnnxConversion& conversion, OnnxScope& scope);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_INPUTS_H_
