// Each activation written a second time, from its definition, on double and long double. The
// kernels and the registry are measured against it and share no code with it.

#ifndef MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_H_
#define MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_H_

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
  ReferenceFunction slope;  // f', with its sign; at a kink, the slope on the left
  float at_minus_infinity;  // the limits of f
  float at_plus_infinity;
  std::vector<float> kinks = {};  // where f or f' jumps

  // The name with the parameters, in characters that test names may have.
  std::string Label() const;
};

// For GoogleTest, which otherwise prints all bytes, once for each test and process.
void PrintTo(const Reference& reference, std::ostream* out);

// Every element-wise activation: first with its default parameters, then with others.
const std::vector<Reference>& ElementwiseReferences();

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_H_
