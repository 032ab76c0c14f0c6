// How an activation is written as ONNX: as one operator, as a formula of several operators, or not
// at all.
//
// Contains only operator names and numbers, nothing of ONNX's schema; model/formats/onnx/writer
// turns them into nodes.

#ifndef MLP_MODEL_ACTIVATIONS_ONNX_FORM_H_
#define MLP_MODEL_ACTIVATIONS_ONNX_FORM_H_

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// An operand of an operator in a formula.
struct OnnxOperand {
  enum class Kind {
    kNone,    // an omitted input; as a formula's result: there is no formula
    kZ,       // the pre-activation
    kNumber,  // a constant
    kStep,    // the result of an earlier operator
  };

  Kind kind = Kind::kNone;
  float number = 0.0F;
  std::size_t step = 0;
};

// Operators in the order in which they are written.
class OnnxFormula final {
 public:
  struct Step {
    absl::string_view operation;
    std::vector<OnnxOperand> operands;
  };

  // Appends an operator and returns its result.
  OnnxOperand Of(absl::string_view operation, std::vector<OnnxOperand> operands) {
    steps_.push_back({operation, std::move(operands)});
    return {OnnxOperand::Kind::kStep, 0.0F, steps_.size() - 1};
  }

  static OnnxOperand Number(float value) { return {OnnxOperand::Kind::kNumber, value}; }
  static OnnxOperand None() { return {}; }

  absl::Span<const Step> steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

struct OnnxFormAttribute {
  absl::string_view name;
  float value;
};

// One operator. Its attributes are the activation's parameters under their names, or the result of
// `node_attributes`. Alphas of units are its second input.
struct AsOnnxOperator {
  using Attributes = std::vector<OnnxFormAttribute> (*)(absl::Span<const float> parameters);

  constexpr explicit AsOnnxOperator(absl::string_view operator_name,
                                    Attributes node_attributes = nullptr)
      : operation(operator_name), attributes(node_attributes) {}

  absl::string_view operation;
  Attributes attributes;
};

// Several operators of operator set 17 or older: newer ones would require newer runtimes.
struct AsOnnxFormula {
  // Appends the operators to `formula` and returns f(z), or None() if these parameters have no
  // formula.
  using Write = OnnxOperand (*)(OnnxFormula& formula, OnnxOperand z,
                                absl::Span<const float> parameters);

  constexpr explicit AsOnnxFormula(Write write_formula) : write(write_formula) {}

  Write write;
};

// The activation cannot be written; `reason` says why.
struct NotInOnnx {
  constexpr explicit NotInOnnx(absl::string_view refusal) : reason(refusal) {}

  absl::string_view reason;
};

// No default: an entry that does not say how it is written does not compile.
using OnnxForm = std::variant<AsOnnxOperator, AsOnnxFormula, NotInOnnx>;

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_ONNX_FORM_H_
