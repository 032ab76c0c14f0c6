// How far a float is from the value it stands for.

#ifndef MLP_TESTS_MODEL_ACTIVATIONS_ULP_ERROR_H_
#define MLP_TESTS_MODEL_ACTIVATIONS_ULP_ERROR_H_

namespace mlp {

// Number of floats between `value` and the float nearest to `exact`, as a real number: up to
// 0.5 for a correctly rounded value. Infinite if one is NaN or infinite and the other is not.
double UlpError(float value, double exact);
double UlpError(float value, long double exact);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_ACTIVATIONS_ULP_ERROR_H_
