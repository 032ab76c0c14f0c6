// Networks over fixtures: what they answer, and how near that is to what others did.

#ifndef MLP_TESTS_MODEL_FORMATS_EVALUATE_H_
#define MLP_TESTS_MODEL_FORMATS_EVALUATE_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "model/network.h"

namespace mlp {

// The values of a float32 .npy file; fails the test where it cannot be read.
std::vector<float> ReadFloatArray(const std::filesystem::path& file);

// One array for each of the network's outputs, from one for each of its inputs.
std::vector<std::vector<float>> EvaluateNetwork(const Network& network,
                                                const std::vector<std::vector<float>>& inputs);

// Expects values within `tolerance` of the largest of their row, of `width` values: a sum whose
// terms cancel is right only on the scale of its terms. NaN equals NaN.
void ExpectClose(const std::vector<float>& actual, const std::vector<float>& expected,
                 std::int64_t width, float tolerance = 1e-5F);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_EVALUATE_H_
