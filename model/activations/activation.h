// The activation functions that a layer can have: their names, formulas, derivatives and tails.
//
// Everything here is immutable and free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_ACTIVATIONS_ACTIVATION_H_
#define MLP_MODEL_ACTIVATIONS_ACTIVATION_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

enum class ActivationKind {
  kIdentity,
  kSigmoid,
  kTanh,
  kRelu,
  kLeakyRelu,
  kPrelu,
  kElu,
  kSoftmax,  // over the units of a row; not element-wise, so it has no tails and no slopes
};

// An activation with its parameters, as one layer has it.
struct Activation {
  ActivationKind kind = ActivationKind::kIdentity;

  // The α of LeakyReLU and ELU (one value) and of PReLU (one value, or one for each unit). Empty
  // for the activations that have no α.
  std::vector<float> alpha;
};

// The bounds of the two tails of an activation: z <= lower is the lower tail, z >= upper the upper
// one. A bound is NaN where there is no such tail, so that both comparisons are false for every z.
// Definition: docs/saturation.md.
struct Tails {
  double lower;
  double upper;
};

// What the registry knows of one kind of activation.
struct ActivationInfo {
  ActivationKind kind;
  absl::string_view name;     // as metrics and descriptions show it, e.g. "leaky_relu"
  absl::string_view formula;  // for people
  bool elementwise;
  bool has_alpha;

  // a[i] = f(z[i]) for i in [0, count). `alpha` has `count` values where has_alpha, else it is not
  // read. `a` may be `z`. For softmax the `count` values are the units of one row.
  void (*values)(const float* z, const float* alpha, std::int64_t count, float* a);

  // slopes[i] = |f'(z[i])|, given a[i] = f(z[i]). At a kink the derivative from the left is taken,
  // as PyTorch does. Null unless elementwise.
  void (*slopes)(const float* z, const float* a, const float* alpha, std::int64_t count,
                 float* slopes);

  // The tails for one α (ignored unless has_alpha) and an epsilon in (0, 1): the unbounded
  // intervals on which |f'(z)| < epsilon * sup|f'|. Null unless elementwise.
  Tails (*tails)(double alpha, double epsilon);
};

// Every activation, in the order of ActivationKind.
absl::Span<const ActivationInfo* const> AllActivations();

// The entry of `kind`.
const ActivationInfo& InfoOf(ActivationKind kind);

// The entry that goes by `name`. NOT_FOUND names it and lists those there are.
absl::StatusOr<const ActivationInfo*> FindActivation(absl::string_view name);

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_ACTIVATION_H_
