// Random numbers, the same in every run, as inputs and weights of tests.

#ifndef MLP_TESTS_MODEL_EVALUATOR_NORMAL_VALUES_H_
#define MLP_TESTS_MODEL_EVALUATOR_NORMAL_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace mlp {

// `count` values of the normal distribution with mean 0 and deviation 1.
inline std::vector<float> NormalValues(std::int64_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(random);
  return values;
}

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_EVALUATOR_NORMAL_VALUES_H_
