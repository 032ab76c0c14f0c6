// Which functor or function evaluates a kind of activation. Each family's header (../families/)
// says it for each of its kinds, and kernels/activation_kernels.cc makes the kernels of it.
//
// A functor is made from the activation's scalar parameters, in the registry's order; operator()
// gives f(z), and Slope |f'(z)| from z and a = f(z): at a kink 0 where one side is flat, else that
// from the left. Where the two share most of their work, Both gives them together. One that is
// never below zero may say so by kIsNeverNegative: nobody counts the signs of its values then.
// Comparisons are written so that NaN is passed on.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_FORM_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_FORM_H_

#include <cstdint>

#include "model/activations/activation_kind.h"
#include "model/activations/functions/packet.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// One of the forms below. A kind without one does not compile.
template <ActivationKind kKind>
struct PacketForm;

// A functor.
template <template <typename P> class Function>
struct OfParameters {};

// A functor, and another which is faster where Special::Is(parameters), with the same slopes.
template <template <typename P> class Function, template <typename P> class Special>
struct WithSpecialCase {};

// A functor that is made from a packet of the units' own alphas.
template <template <typename P> class Function>
struct OfUnitAlpha {};

// A function of a whole row.
template <void (*kFunction)(const float* z, std::int64_t count, float* a)>
struct OfRow {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_FORM_H_
