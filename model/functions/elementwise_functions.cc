// Sources of the formulas: ONNX's Operators.md, and ONNX Runtime's ContribOperators.md for the
// domain com.microsoft.

#include "model/functions/elementwise_functions.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "model/functions/internal_functions.h"
#include "model/functions/numeric_functions.h"

namespace mlp {
namespace {

using Values = absl::Span<const double>;

constexpr char kMicrosoft[] = "com.microsoft";

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// Avoids e^x, which overflows for large x.
double Softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

double Gelu(double x) { return 0.5 * x * (1.0 + std::erf(x * std::sqrt(0.5))); }

double GeluByTanh(double x) {
  const double pi = std::acos(-1.0);
  return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / pi) * (x + 0.044715 * x * x * x)));
}

double Shrink(double x, double bias, double border) {
  if (x < -border) return x + bias;
  return x > border ? x - bias : 0.0;
}

double Sign(double x) { return x == 0.0 || std::isnan(x) ? x : std::copysign(1.0, x); }

// NaN in any operand is passed on, as in ONNX Runtime.
template <typename Better>
double Best(Values x, const Better& better) {
  double best = x[0];
  for (const double value : x) {
    if (std::isnan(value)) return value;
    if (better(value, best)) best = value;
  }
  return best;
}

double Sum(Values x) {
  double sum = 0.0;
  for (const double value : x) sum += value;
  return sum;
}

std::vector<ElementwiseFunction> CommonFunctions() {
  return {
      {"Abs", "", 1, 1, false, {}, [](Values x, Values) { return std::fabs(x[0]); }},
      {"Add", "", 2, 2, false, {}, [](Values x, Values) { return x[0] + x[1]; }},
      {"And",
       "",
       2,
       2,
       true,
       {},
       [](Values x, Values) { return x[0] != 0 && x[1] != 0 ? 1.0 : 0.0; }},
      {"BiasGelu", kMicrosoft, 2, 2, false, {}, [](Values x, Values) { return Gelu(x[0] + x[1]); }},
      {"Celu",
       "",
       1,
       1,
       false,
       {{"alpha", 1.0F}},
       [](Values x, Values p) {
         // This form passes NaN on.
         if (p[0] > 0.0) return x[0] < 0.0 ? p[0] * std::expm1(x[0] / p[0]) : x[0];
         return std::max(0.0, x[0]) + std::min(0.0, p[0] * std::expm1(x[0] / p[0]));
       }},
      {"Div", "", 2, 2, false, {}, [](Values x, Values) { return x[0] / x[1]; }},
      {"Elu",
       "",
       1,
       1,
       false,
       {{"alpha", 1.0F}},
       [](Values x, Values p) { return x[0] < 0 ? p[0] * std::expm1(x[0]) : x[0]; }},
      {"Erf", "", 1, 1, false, {}, [](Values x, Values) { return std::erf(x[0]); }},
      // Erfc and Expm1 are in no operator set, but tf2onnx writes them for Keras' GELU and CELU.
      {"Erfc", "", 1, 1, false, {}, [](Values x, Values) { return std::erfc(x[0]); }},
      {"Expm1", "", 1, 1, false, {}, [](Values x, Values) { return std::expm1(x[0]); }},
      {"Exp", "", 1, 1, false, {}, [](Values x, Values) { return std::exp(x[0]); }},
      {"FastGelu",
       kMicrosoft,
       1,
       2,
       false,
       {},
       [](Values x, Values) { return GeluByTanh(Sum(x)); }},
      {"Gelu", kMicrosoft, 1, 1, false, {}, [](Values x, Values) { return Gelu(x[0]); }},
      {"Greater", "", 2, 2, true, {}, [](Values x, Values) { return x[0] > x[1] ? 1.0 : 0.0; }},
      {"GreaterOrEqual",
       "",
       2,
       2,
       true,
       {},
       [](Values x, Values) { return x[0] >= x[1] ? 1.0 : 0.0; }},
      {"HardSigmoid",
       "",
       1,
       1,
       false,
       {{"alpha", 0.2F}, {"beta", 0.5F}},
       [](Values x, Values p) { return std::clamp(p[0] * x[0] + p[1], 0.0, 1.0); }},
      {"HardSwish",
       "",
       1,
       1,
       false,
       {},
       [](Values x, Values) { return x[0] * std::clamp(x[0] / 6 + 0.5, 0.0, 1.0); }},
      {"LeakyRelu",
       "",
       1,
       1,
       false,
       {{"alpha", 0.01F}},
       [](Values x, Values p) { return x[0] < 0 ? p[0] * x[0] : x[0]; }},
      {"Less", "", 2, 2, true, {}, [](Values x, Values) { return x[0] < x[1] ? 1.0 : 0.0; }},
      {"LessOrEqual",
       "",
       2,
       2,
       true,
       {},
       [](Values x, Values) { return x[0] <= x[1] ? 1.0 : 0.0; }},
      {"Log", "", 1, 1, false, {}, [](Values x, Values) { return std::log(x[0]); }},
      {"Max",
       "",
       1,
       ElementwiseFunction::kMaxOperands,
       false,
       {},
       [](Values x, Values) { return Best(x, std::greater<>()); }},
      {"Mean",
       "",
       1,
       ElementwiseFunction::kMaxOperands,
       false,
       {},
       [](Values x, Values) { return Sum(x) / static_cast<double>(x.size()); }},
      {"Min",
       "",
       1,
       ElementwiseFunction::kMaxOperands,
       false,
       {},
       [](Values x, Values) { return Best(x, std::less<>()); }},
      {"Mish",
       "",
       1,
       1,
       false,
       {},
       [](Values x, Values) { return x[0] * std::tanh(Softplus(x[0])); }},
      {"Mul", "", 2, 2, false, {}, [](Values x, Values) { return x[0] * x[1]; }},
      {"Neg", "", 1, 1, false, {}, [](Values x, Values) { return -x[0]; }},
      {"Not", "", 1, 1, true, {}, [](Values x, Values) { return x[0] != 0 ? 0.0 : 1.0; }},
      {"Or",
       "",
       2,
       2,
       true,
       {},
       [](Values x, Values) { return x[0] != 0 || x[1] != 0 ? 1.0 : 0.0; }},
      {"PRelu",
       "",
       2,
       2,
       false,
       {},
       [](Values x, Values) { return x[0] < 0 ? x[1] * x[0] : x[0]; }},
      {"Pow", "", 2, 2, false, {}, [](Values x, Values) { return std::pow(x[0], x[1]); }},
      {"QuickGelu",
       kMicrosoft,
       1,
       1,
       false,
       {{"alpha", 1.702F}},
       [](Values x, Values p) { return x[0] * Sigmoid(p[0] * x[0]); }},
      {"Reciprocal", "", 1, 1, false, {}, [](Values x, Values) { return 1.0 / x[0]; }},
      {"Relu", "", 1, 1, false, {}, [](Values x, Values) { return x[0] < 0 ? 0.0 : x[0]; }},
      {"Selu",
       "",
       1,
       1,
       false,
       {{"alpha", 1.67326319217681884765625F}, {"gamma", 1.05070102214813232421875F}},
       [](Values x, Values p) { return p[1] * (x[0] > 0 ? x[0] : p[0] * std::expm1(x[0])); }},
      {"Shrink",
       "",
       1,
       1,
       false,
       {{"bias", 0.0F}, {"lambd", 0.5F}},
       [](Values x, Values p) { return Shrink(x[0], p[0], p[1]); }},
      {"Sigmoid", "", 1, 1, false, {}, [](Values x, Values) { return Sigmoid(x[0]); }},
      {"Sign", "", 1, 1, false, {}, [](Values x, Values) { return Sign(x[0]); }},
      {"Softplus", "", 1, 1, false, {}, [](Values x, Values) { return Softplus(x[0]); }},
      {"Softsign",
       "",
       1,
       1,
       false,
       {},
       [](Values x, Values) { return x[0] / (1.0 + std::fabs(x[0])); }},
      {"Sqrt", "", 1, 1, false, {}, [](Values x, Values) { return std::sqrt(x[0]); }},
      {"Sub", "", 2, 2, false, {}, [](Values x, Values) { return x[0] - x[1]; }},
      {"Sum",
       "",
       1,
       ElementwiseFunction::kMaxOperands,
       false,
       {},
       [](Values x, Values) { return Sum(x); }},
      {"Swish",
       "",
       1,
       1,
       false,
       {{"alpha", 1.0F}},
       [](Values x, Values p) { return x[0] * Sigmoid(p[0] * x[0]); }},
      {"Tanh", "", 1, 1, false, {}, [](Values x, Values) { return std::tanh(x[0]); }},
      {"ThresholdedRelu",
       "",
       1,
       1,
       false,
       {{"alpha", 1.0F}},
       [](Values x, Values p) { return x[0] > p[0] ? x[0] : 0.0; }},
      {"Where", "", 3, 3, false, {}, [](Values x, Values) { return x[0] != 0 ? x[1] : x[2]; }},
  };
}

const std::vector<ElementwiseFunction>& Table() {
  static const auto* const table = [] {
    auto* all = new std::vector<ElementwiseFunction>(CommonFunctions());
    for (const auto part : {internal::NumericFunctions, internal::InternalFunctions}) {
      for (ElementwiseFunction& function : part()) all->push_back(std::move(function));
    }
    return all;
  }();
  return *table;
}

}  // namespace

const ElementwiseFunction* FindElementwiseFunction(absl::string_view domain,
                                                   absl::string_view name) {
  const auto found =
      std::find_if(Table().begin(), Table().end(), [&](const ElementwiseFunction& candidate) {
        return candidate.name == name && candidate.domain == domain;
      });
  return found == Table().end() ? nullptr : &*found;
}

absl::Span<const ElementwiseFunction> AllElementwiseFunctions() { return Table(); }

}  // namespace mlp
