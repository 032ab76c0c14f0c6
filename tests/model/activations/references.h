// Each activation written once more, from its definition, on double and long double: what the
// kernels and the registry are measured against. Nothing here is shared with them.

#ifndef MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_H_
#define MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "model/activations/activation_kind.h"

namespace mlp {

// A function of z and the parameters, on both types. Made from a generic lambda.
struct ReferenceFunction {
  template <typename Function>
  ReferenceFunction(Function function)  // NOLINT(google-explicit-constructor): reads as a table
      : on_double(function), on_long_double(function) {}

  double (*on_double)(double z, const float* parameters);
  long double (*on_long_double)(long double z, const float* parameters);
};

// One activation with one choice of parameters.
struct Reference {
  const char* name;
  ActivationKind kind;
  std::vector<float> parameters;
  ReferenceFunction value;
  ReferenceFunction slope;  // f', with its sign; at a kink from the left
  float at_minus_infinity;  // the limits of f
  float at_plus_infinity;
  std::vector<float> kinks = {};  // where f or f' jumps

  // The name with the parameters, as test names may have it.
  std::string Label() const;
};

// For GoogleTest, which otherwise prints all bytes, once for each test and process.
void PrintTo(const Reference& reference, std::ostream* out);

// Every element-wise activation, with its defaults first and then with other parameters.
const std::vector<Reference>& ElementwiseReferences();

// How many floats lie between `value` and the float nearest to `exact`, as a real number: up to
// 0.5 for a correctly rounded value. Infinite where one is NaN or infinite and the other is not.
double UlpError(float value, double exact);
double UlpError(float value, long double exact);

// Floats of every exponent and both signs, the specials left out: about `count` of them, spread
// evenly over the bit patterns, and in addition `around` and the two floats next to each.
std::vector<float> SampleOfFloats(std::int64_t count, const std::vector<float>& around);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_H_
