// The activation functions that a layer can have: their names, formulas, parameters, derivatives
// and tails. kernels/activation_kernel.h evaluates them.
//
// Everything here is immutable and free of state: any thread may call any of it at any time.

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

// An activation with its parameters, as one layer has it.
struct Activation {
  ActivationKind kind = ActivationKind::kIdentity;
  std::vector<float> parameters = {};  // a value for each of the kind's parameters, in their order
  std::vector<float> unit_alpha = {};  // PReLU only: one value, or one for each unit
};

// A scalar parameter of an activation.
struct ActivationParameter {
  absl::string_view name;
  float default_value;
  float lowest;  // the values it may have, both included
  float highest;
};

// The bounds of the two tails of an activation: z <= lower is the lower tail, z >= upper the upper
// one. A bound is NaN where there is no such tail, so that both comparisons are false for every z.
// Definition: docs/saturation.md.
struct Tails {
  double lower;
  double upper;
};

// The epsilon of the tails where nobody chooses another.
inline constexpr double kDefaultSaturationEpsilon = 0.01;

// What an activation is called elsewhere; empty where it is not there under a name of its own.
struct FrameworkNames {
  absl::string_view pytorch;
  absl::string_view keras;
  absl::string_view onnx;
  absl::string_view scikit_learn;
};

// What f(z) is at least and at most, whatever z is.
struct ValueBounds {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
};

// What the registry knows of one kind of activation. The functions take the kind's parameters as
// Activation has them; for PReLU, the one alpha of the unit in question (ParametersOfUnit).
struct ActivationInfo {
  using Parameters = absl::Span<const float>;

  ActivationKind kind;
  // Whether unit i's activation depends on unit i alone. Where not, the five functions are null.
  bool elementwise = true;
  absl::string_view name;     // as metrics and descriptions show it, e.g. "leaky_relu"
  absl::string_view formula;  // for people
  absl::string_view source;   // the paper or the specification that defines it
  FrameworkNames names = {};
  absl::Span<const ActivationParameter> parameters = {};

  // A layer of n units has n / units_per_output activations: 2 for the GLU family.
  std::int64_t units_per_output = 1;

  // f(z) and f'(z), plainly in double: for documents, plots and searches. At a kink f' is 0 where
  // one side is flat, else that from the left.
  double (*value)(double z, Parameters parameters) = nullptr;
  double (*slope)(double z, Parameters parameters) = nullptr;
  // sup|f'|; infinite for the exponential.
  double (*steepest)(Parameters parameters) = nullptr;
  // For an epsilon in (0, 1): the unbounded intervals on which |f'(z)| < epsilon sup|f'|.
  Tails (*tails)(Parameters parameters, double epsilon) = nullptr;
  // Whether f is known never to fall, so that bounds of z give those of f(z).
  bool (*is_monotone)(Parameters parameters) = nullptr;

  ValueBounds bounds = {};  // where they are looked at: f is not monotone
  OnnxForm onnx;
};

// Every activation, in the order of ActivationKind.
absl::Span<const ActivationInfo* const> AllActivations();

// The entry of `kind`.
const ActivationInfo& InfoOf(ActivationKind kind);

// The entry that goes by `name`. NOT_FOUND names it and lists those there are.
absl::StatusOr<const ActivationInfo*> FindActivation(absl::string_view name);

// `kind` with the default of each parameter; PReLU with PyTorch's initial alpha, 0.25.
Activation DefaultActivation(ActivationKind kind);

// Whether a layer of `units` units can have it. INVALID_ARGUMENT names the activation, and the
// count or the parameter with its value, and what was expected.
absl::Status CheckActivation(const Activation& activation, std::int64_t units);

// The parameters of unit `unit` of a layer with an `activation` that CheckActivation has passed.
absl::Span<const float> ParametersOfUnit(const Activation& activation, std::int64_t unit);

// The tails of each unit of a layer of `units` >= 1 units, for an epsilon in (0, 1): one search for
// all where they have the same parameters. REQUIRES: the activation is element-wise.
std::vector<Tails> TailsOfUnits(const Activation& activation, std::int64_t units, double epsilon);

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_ACTIVATION_H_
