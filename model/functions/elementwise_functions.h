// The element-wise ONNX operators, each with its formula. Files compose activations of them.

#ifndef MLP_MODEL_FUNCTIONS_ELEMENTWISE_FUNCTIONS_H_
#define MLP_MODEL_FUNCTIONS_ELEMENTWISE_FUNCTIONS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// The domain of functions that are not ONNX operators. The readers translate other operators to
// them.
inline constexpr absl::string_view kInternalDomain = "mlpserve";

// A numeric attribute.
struct ElementwiseParameter {
  absl::string_view name;
  float default_value;   // the value if the node omits the attribute
  bool integer = false;  // the attribute is an integer, 0 or 1
};

// A formula, made from a lambda without captures. It is called for one value or, compiled into a
// loop, for many.
class ElementwiseFormula final {
 public:
  // `Formula` computes one result from one value of each operand. `parameters` have the function's
  // order.
  template <typename Formula>
  constexpr ElementwiseFormula(Formula)  // NOLINT(google-explicit-constructor): a table's entry
      : value_(&Value<Formula>), values_(&Values<Formula>) {}

  double operator()(absl::Span<const double> operands, absl::Span<const double> parameters) const {
    return value_(operands, parameters);
  }

  // The same, rounded to FP32, for `count` values of each operand.
  void ForEach(absl::Span<const float* const> operands, absl::Span<const double> parameters,
               std::int64_t count, float* results) const {
    values_(operands, parameters, count, results);
  }

  static constexpr std::size_t kMaxOperands = 16;

 private:
  using Operands = absl::Span<const float* const>;

  template <typename Formula>
  static double Value(absl::Span<const double> operands, absl::Span<const double> parameters) {
    return Formula{}(operands, parameters);
  }

  static constexpr std::size_t kMaxFixed = 3;

  // With a fixed number of operands, the formula is inlined into the loop.
  template <typename Formula, std::size_t kOperands>
  static void Loop(Operands operands, absl::Span<const double> parameters, std::int64_t count,
                   float* results) {
    for (std::int64_t i = 0; i < count; ++i) {
      // kMaxFixed for any kOperands, because the compiler sees every formula with every count.
      double values[kMaxFixed] = {};
      for (std::size_t k = 0; k < kOperands; ++k) values[k] = static_cast<double>(operands[k][i]);
      results[i] =
          static_cast<float>(Formula{}(absl::Span<const double>(values, kOperands), parameters));
    }
  }

  template <typename Formula>
  static void Values(Operands operands, absl::Span<const double> parameters, std::int64_t count,
                     float* results) {
    switch (operands.size()) {
      case 1:
        return Loop<Formula, 1>(operands, parameters, count, results);
      case 2:
        return Loop<Formula, 2>(operands, parameters, count, results);
      case 3:
        return Loop<Formula, 3>(operands, parameters, count, results);
      default:
        break;
    }
    double values[kMaxOperands] = {};
    const absl::Span<const double> of_unit(values, operands.size());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < operands.size(); ++k) {
        values[k] = static_cast<double>(operands[k][i]);
      }
      results[i] = static_cast<float>(Formula{}(of_unit, parameters));
    }
  }

  double (*value_)(absl::Span<const double>, absl::Span<const double>);
  void (*values_)(Operands, absl::Span<const double>, std::int64_t, float*);
};

struct ElementwiseFunction {
  static constexpr int kMaxOperands = static_cast<int>(ElementwiseFormula::kMaxOperands);

  absl::string_view name;    // the operator's name
  absl::string_view domain;  // "" for ONNX's own
  int fewest_operands;
  int most_operands;
  bool makes_bool;  // whether it is a condition, i.e. gives 0 or 1
  std::vector<ElementwiseParameter> parameters;

  ElementwiseFormula value;
};

// Null if the operator is not in the table.
const ElementwiseFunction* FindElementwiseFunction(absl::string_view domain,
                                                   absl::string_view name);

// Every function of the table, in no particular order.
absl::Span<const ElementwiseFunction> AllElementwiseFunctions();

}  // namespace mlp

#endif  // MLP_MODEL_FUNCTIONS_ELEMENTWISE_FUNCTIONS_H_
