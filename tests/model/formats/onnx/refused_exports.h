// The exports among the fixtures that are refused, each with its reason.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_REFUSED_EXPORTS_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_REFUSED_EXPORTS_H_

#include <string>

namespace mlp {

struct RefusedExport {
  const char* name;     // of the folder; with a '*' at its end, the beginning of the names
  const char* message;  // a part of the refusal
  const char* reason;   // why it is not read
};

// Null for an export that is read.
const RefusedExport* FindRefusedExport(const std::string& name);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_REFUSED_EXPORTS_H_
