// The exports among the fixtures that are refused, with the reason of each.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_REFUSED_EXPORTS_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_REFUSED_EXPORTS_H_

#include <string>

namespace mlp {

struct RefusedExport {
  const char* name;     // of the folder, or, with a '*' at its end, what the names begin with
  const char* message;  // a part of the refusal
  const char* reason;   // why it is not read
};

// Null for an export that is to be read.
const RefusedExport* FindRefusedExport(const std::string& name);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_REFUSED_EXPORTS_H_
