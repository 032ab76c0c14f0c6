// The inputs of an ONNX graph as a network takes them: what is fixed in the file's shapes, what is
// free, and what no node reads.

#ifndef MLP_MODEL_FORMATS_ONNX_INPUTS_H_
#define MLP_MODEL_FORMATS_ONNX_INPUTS_H_

#include <onnx/onnx_pb.h>

#include <string>

#include "absl/status/status.h"
#include "model/formats/onnx/graph.h"
#include "model/formats/onnx/values/conversion.h"

namespace mlp {

// The name of an input or an output, which goes back to clients with every answer.
absl::Status CheckTensorName(const std::string& name);

// Adds the graph's inputs to the row graph and the scope, which holds its initializers: files of IR
// version 3 list these among the inputs too. A batch that the file fixes is taken as any, with a
// warning; inputs that nothing reads and that have no rows are left out, with another one.
absl::Status AddInputs(const onnx::GraphProto& graph, OnnxConversion& conversion, OnnxScope& scope);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_INPUTS_H_
