// The held-out digits and the references that the sample models are compared with.

#ifndef MLP_TESTS_E2E_HELD_OUT_H_
#define MLP_TESTS_E2E_HELD_OUT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace mlp {

inline constexpr std::int64_t kHeldOutRows = 360;

// Pictures of 64 values from 0 to 1, [kHeldOutRows, 64], and the digits that they show.
std::vector<float> HeldOutPixels();
std::vector<std::int64_t> HeldOutLabels();

// ONNX Runtime's answers for them: output "logits" or "probabilities", [kHeldOutRows, 10].
std::vector<float> ReferenceOutput(const std::string& model, const std::string& output);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_HELD_OUT_H_
