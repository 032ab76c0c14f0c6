// Selects the functor or function that evaluates a kind of activation. Each family's header
// (../families/) defines this for its kinds, and kernels/activation_kernels.cc makes the kernels
// from it.
//
// A functor is constructed from the activation's scalar parameters, in the registry's order.
// operator() gives f(z), and Slope gives |f'(z)| from z and a = f(z); at a kink, the slope is 0 if
// one side is flat, and otherwise the slope from the left. If the two share most of their work,
// Both gives them together. A functor whose values are never negative may define kIsNeverNegative;
// the signs of its values are then not counted. Comparisons are written so that NaN is passed on.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_FORM_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_FORM_H_

#include <cstdint>

#include "model/activations/activation_kind.h"
#include "model/activations/functions/packet.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// Specialised as one of the forms below. A kind without a specialisation does not compile.
template <ActivationKind kKind>
struct PacketForm;

// A functor.
template <template <typename P> class Function>
struct OfParameters {};

// A functor, and a faster one with the same slopes, used if Special::Is(parameters).
template <template <typename P> class Function, template <typename P> class Special>
struct WithSpecialCase {};

// A functor constructed from a packet of the units' alphas.
template <template <typename P> class Function>
struct OfUnitAlpha {};

// A function of a whole row.
template <void (*kFunction)(const float* z, std::int64_t count, float* a)>
struct OfRow {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_FORM_H_
