// Evaluates the networks of fixtures and compares the answers with others'.

#ifndef MLP_TESTS_MODEL_FORMATS_EVALUATE_H_
#define MLP_TESTS_MODEL_FORMATS_EVALUATE_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "model/network.h"

namespace mlp {

// The values of a float32 .npy file. If it cannot be read, the test fails.
std::vector<float> ReadFloatArray(const std::filesystem::path& file);

// Returns one array for each of the network's outputs. Takes one for each of its inputs.
std::vector<std::vector<float>> EvaluateNetwork(const Network& network,
                                                const std::vector<std::vector<float>>& inputs);

// Expects each value to be within `tolerance` of the largest of its row of `width` values: a sum
// whose terms cancel is accurate only on the scale of its terms. NaN equals NaN.
void ExpectClose(const std::vector<float>& actual, const std::vector<float>& expected,
                 std::int64_t width, float tolerance = 1e-5F);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_EVALUATE_H_
