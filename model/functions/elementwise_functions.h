// The element-wise ONNX operators, each with its formula: what activations are written with.

#ifndef MLP_MODEL_FUNCTIONS_ELEMENTWISE_FUNCTIONS_H_
#define MLP_MODEL_FUNCTIONS_ELEMENTWISE_FUNCTIONS_H_

#include <array>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// The domain of functions that are no operators: what the readers write others with.
inline constexpr absl::string_view kInternalDomain = "mlpserve";

// An attribute that is one number.
struct ElementwiseParameter {
  absl::string_view name;
  float otherwise;       // where the node leaves it out
  bool integer = false;  // the attribute is an integer, 0 or 1
};

struct ElementwiseFunction {
  static constexpr int kMostOperands = 16;

  absl::string_view name;    // the operator's
  absl::string_view domain;  // "" for ONNX's own
  int fewest_operands;
  int most_operands;
  bool makes_bool;  // a condition, which is 0 or 1 here
  std::vector<ElementwiseParameter> parameters;

  // From one value of each operand. `parameters` are in the order above.
  double (*value)(absl::Span<const double> operands, absl::Span<const double> parameters);
};

// Null where the operator is not in the table.
const ElementwiseFunction* FindElementwiseFunction(absl::string_view domain,
                                                   absl::string_view name);

// Every function, by name.
absl::Span<const ElementwiseFunction> AllElementwiseFunctions();

}  // namespace mlp

#endif  // MLP_MODEL_FUNCTIONS_ELEMENTWISE_FUNCTIONS_H_
