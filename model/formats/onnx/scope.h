// The tensors that the nodes of an ONNX graph, or of one of its functions and branches, may read.

#ifndef MLP_MODEL_FORMATS_ONNX_SCOPE_H_
#define MLP_MODEL_FORMATS_ONNX_SCOPE_H_

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/values/value.h"

namespace mlp {

// Tensors by name. The names belong to the parsed file.
class OnnxScope final {
 public:
  // Find also searches `outer`, which must outlive this scope.
  explicit OnnxScope(const OnnxScope* outer = nullptr) : outer_(outer) {}

  // INVALID_ARGUMENT if this scope already has the name.
  absl::Status Add(absl::string_view name, OnnxValue&& value);

  // Null if there is none.
  const OnnxValue* Find(absl::string_view name) const;

 private:
  const OnnxScope* outer_;
  absl::flat_hash_map<absl::string_view, OnnxValue> values_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_SCOPE_H_
