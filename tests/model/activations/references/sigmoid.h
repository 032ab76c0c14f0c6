// The logistic sigmoid and what activations build from it, on double and long double. None of them
// overflows to a NaN for a finite z.

#ifndef MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_SIGMOID_H_
#define MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_SIGMOID_H_

#include <algorithm>
#include <cmath>

namespace mlp::references {

template <typename T>
T Sigmoid(T z) {
  return 1 / (1 + std::exp(-z));
}

// The integral of the sigmoid.
template <typename T>
T LogOnePlusExp(T z) {
  return std::max(z, T{0}) + std::log1p(std::exp(-std::fabs(z)));
}

// The slope of tanh.
template <typename T>
T Sech2(T z) {
  return 1 / (std::cosh(z) * std::cosh(z));
}

}  // namespace mlp::references

#endif  // MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_SIGMOID_H_
