// ONNX operators that do not occur in perceptrons, by kind, for error messages.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_UNSUPPORTED_OPERATORS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_UNSUPPORTED_OPERATORS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Operators that are unsupported for the same reason.
struct UnsupportedKind {
  absl::string_view name;                    // "recurrent layers", for docs/reference/refusals.md
  absl::string_view reason;                  // what they are, and what to use instead
  std::vector<absl::string_view> operators;  // of ONNX, ai.onnx.ml and ONNX Runtime
};

const std::vector<UnsupportedKind>& UnsupportedKinds();

// UNIMPLEMENTED, for an operator that is not supported in any form. `domain` is empty for ONNX's
// own.
absl::Status UnsupportedOperator(absl::string_view domain, absl::string_view name);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_UNSUPPORTED_OPERATORS_H_
