// The arguments on which tests compare two functions of a float.

#ifndef MLP_TESTS_MODEL_ACTIVATIONS_FLOAT_SAMPLE_H_
#define MLP_TESTS_MODEL_ACTIVATIONS_FLOAT_SAMPLE_H_

#include <cstdint>
#include <vector>

namespace mlp {

// About `count` floats of every exponent and both signs, without the special values, spread evenly
// over the bit patterns. In addition `around` and the two floats next to each of its values.
std::vector<float> SampleOfFloats(std::int64_t count, const std::vector<float>& around);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_ACTIVATIONS_FLOAT_SAMPLE_H_
