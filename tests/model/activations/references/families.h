// The activations of references.h by family. Each function makes the references of its family: for
// each activation first the default parameters, then others.

#ifndef MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_FAMILIES_H_
#define MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_FAMILIES_H_

#include <limits>
#include <vector>

#include "tests/model/activations/references.h"

namespace mlp::references {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<Reference> MakeRectifiers();
std::vector<Reference> MakeClippedAndShrinks();
std::vector<Reference> MakeStepsAndRamps();
std::vector<Reference> MakeExponentials();
std::vector<Reference> MakeGates();

}  // namespace mlp::references

#endif  // MLP_TESTS_MODEL_ACTIVATIONS_REFERENCES_FAMILIES_H_
