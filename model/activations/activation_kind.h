// The activation functions that a layer can have, by kind. Each family's header in families/
// defines its activations and their evaluation. docs/develop/adding/activation.md describes how to
// add one.

#ifndef MLP_MODEL_ACTIVATIONS_ACTIVATION_KIND_H_
#define MLP_MODEL_ACTIVATIONS_ACTIVATION_KIND_H_

namespace mlp {

enum class ActivationKind {
  kIdentity,
  // Rectifiers.
  kRelu,
  kLeakyRelu,
  kPrelu,
  kRrelu,
  kRelu6,
  kKerasRelu,
  kThresholdedRelu,
  kThreshold,
  // Clipped lines and parabolas.
  kHardSigmoid,
  kHardSwish,
  kHardTanh,
  kSparsePlus,
  kSparseSigmoid,
  // Shrinkage.
  kSoftShrink,
  kHardShrink,
  kTanhShrink,
  // Smooth steps.
  kSigmoid,
  kTanh,
  kSoftsign,
  // Smooth ramps.
  kSoftplus,
  kLogSigmoid,
  kSquareplus,
  // Exponential units.
  kElu,
  kSelu,
  kCelu,
  kExponential,
  // z times a smooth step.
  kSilu,
  kSwish,
  kGelu,
  kGeluTanh,
  kMish,
  // Waves.
  kSine,
  // Functions of a whole row: not element-wise, so they have no slopes and no tails.
  kSoftmax,
  kLogSoftmax,
  kSparsemax,
  kHardmax,
  kGlu,
  kReglu,
  kGeglu,
  kSwiglu,
  kBilinear,
};

inline constexpr int kActivationKindCount = static_cast<int>(ActivationKind::kBilinear) + 1;

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_ACTIVATION_KIND_H_
