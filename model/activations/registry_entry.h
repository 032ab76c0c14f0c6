// Building blocks of the registry's entries. Internal to model/activations: use activation.h.
//
// A family is a header in families/ that is compiled in two ways. Its first half has the entries of
// its activations: names, formula and slope in double, tails, and the ONNX form. The registry
// (registry.cc) includes this half. Its second half has the same formulas over packets, compiled
// for each instruction set (kernels/activation_kernels.cc, functions/packet_form.h). The halves
// share no code: a shared inline function would be compiled for several instruction sets, and the
// linker would keep only one version. docs/develop/adding/activation.md describes how to add an
// activation.

#ifndef MLP_MODEL_ACTIVATIONS_REGISTRY_ENTRY_H_
#define MLP_MODEL_ACTIVATIONS_REGISTRY_ENTRY_H_

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/activations/activation.h"

namespace mlp::internal {

using Parameters = ActivationInfo::Parameters;

// The bound of a tail that does not exist.
inline constexpr double kNoTail = std::numeric_limits<double>::quiet_NaN();

// The limits of a parameter's range.
inline constexpr float kLargestFloat = std::numeric_limits<float>::max();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Functions that several entries share.
inline double One(Parameters /*parameters*/) { return 1.0; }
inline Tails NoTails(Parameters /*parameters*/, double /*epsilon*/) { return {kNoTail, kNoTail}; }

// For is_monotone.
inline bool Always(Parameters /*parameters*/) { return true; }
inline bool Never(Parameters /*parameters*/) { return false; }
inline bool WhereNotNegative(Parameters p) { return p.front() >= 0.0F && p.back() >= 0.0F; }

// 1 / (1 + e^-z).
inline double LogisticOf(double z) { return 1.0 / (1.0 + std::exp(-z)); }

// log(1 + e^z) without overflow.
inline double LogOnePlusExp(double z) {
  return std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z)));
}

}  // namespace mlp::internal

#endif  // MLP_MODEL_ACTIVATIONS_REGISTRY_ENTRY_H_
