// The activation functions that a layer can have: their names, formulas, parameters, derivatives
// and tails. kernels/activation_kernel.h evaluates them.
//
// Immutable and stateless: any thread may call any function at any time.

#ifndef MLP_MODEL_ACTIVATIONS_ACTIVATION_H_
#define MLP_MODEL_ACTIVATIONS_ACTIVATION_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/activations/activation_kind.h"
#include "model/activations/onnx_form.h"

namespace mlp {

// A layer's activation with its parameters.
struct Activation {
  ActivationKind kind = ActivationKind::kIdentity;
  std::vector<float> parameters = {};  // one value for each of the kind's parameters, in their
                                       // order
  std::vector<float> unit_alpha = {};  // PReLU only: one value, or one for each unit
};

// A scalar parameter of an activation.
struct ActivationParameter {
  absl::string_view name;
  float default_value;
  float lowest;  // the range of valid values, both ends included
  float highest;
};

// The bounds of an activation's two tails: z <= lower is the lower tail, z >= upper the upper tail.
// The bound of a tail that does not exist is NaN, which makes the comparison false for every z.
// Definition: docs/reference/saturation.md.
struct Tails {
  double lower;
  double upper;
};

// The default epsilon of the tails.
inline constexpr double kDefaultSaturationEpsilon = 0.01;

// An activation's names in frameworks; empty where the framework has no separate name for it.
struct FrameworkNames {
  absl::string_view pytorch;
  absl::string_view keras;
  absl::string_view onnx;
  absl::string_view scikit_learn;
};

// The least and the greatest value of f(z) over all z.
struct ValueBounds {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
};

// The registry's entry for one kind of activation. The functions take the parameters of Activation,
// in its order; for PReLU, they take the unit's alpha (ParametersOfUnit).
struct ActivationInfo {
  using Parameters = absl::Span<const float>;

  ActivationKind kind;
  // Whether unit i's activation depends only on unit i. If not, the five functions are null.
  bool elementwise = true;
  absl::string_view name;     // shown in metrics and descriptions, e.g. "leaky_relu"
  absl::string_view formula;  // for people
  absl::string_view source;   // the paper or the specification that defines it
  FrameworkNames names = {};
  absl::Span<const ActivationParameter> parameters = {};

  // A layer of n units has n / units_per_output activations: 2 for the GLU family.
  std::int64_t units_per_output = 1;

  // f(z) and f'(z), computed directly in double, for documents, plots and searches. At a kink, f'
  // is 0 if one side is flat, and otherwise the slope from the left.
  double (*value)(double z, Parameters parameters) = nullptr;
  double (*slope)(double z, Parameters parameters) = nullptr;
  // sup|f'|; infinite for the exponential.
  double (*steepest)(Parameters parameters) = nullptr;
  // For an epsilon in (0, 1): bounds the infinite intervals on which |f'(z)| < epsilon sup|f'|.
  Tails (*tails)(Parameters parameters, double epsilon) = nullptr;
  // Whether f is known to be non-decreasing: bounds of z then give bounds of f(z).
  bool (*is_monotone)(Parameters parameters) = nullptr;

  ValueBounds bounds = {};  // used only if f is not monotone
  OnnxForm onnx;
};

// Every activation, in the order of ActivationKind.
absl::Span<const ActivationInfo* const> AllActivations();

// The entry of `kind`.
const ActivationInfo& InfoOf(ActivationKind kind);

// The entry called `name`. NOT_FOUND quotes the name and lists the valid ones.
absl::StatusOr<const ActivationInfo*> FindActivation(absl::string_view name);

// `kind` with the default of each parameter; PReLU with PyTorch's initial alpha, 0.25.
Activation DefaultActivation(ActivationKind kind);

// Checks that a layer of `units` units can have this activation. INVALID_ARGUMENT names the
// activation, the count or the parameter with its value, and what was expected.
absl::Status CheckActivation(const Activation& activation, std::int64_t units);

// The parameters of unit `unit` of a layer. REQUIRES: CheckActivation accepted `activation`.
absl::Span<const float> ParametersOfUnit(const Activation& activation, std::int64_t unit);

// The tails of each unit of a layer of `units` >= 1 units, for an epsilon in (0, 1). Searches once
// if all units have the same parameters. REQUIRES: the activation is element-wise.
std::vector<Tails> TailsOfUnits(const Activation& activation, std::int64_t units, double epsilon);

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_ACTIVATION_H_
