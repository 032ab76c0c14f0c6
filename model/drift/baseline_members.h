// The tensors of a baseline's file, described once for both reader and writer. Internal to
// model/drift.

#ifndef MLP_MODEL_DRIFT_BASELINE_MEMBERS_H_
#define MLP_MODEL_DRIFT_BASELINE_MEMBERS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/drift/baseline.h"
#include "model/drift/output_form.h"
#include "model/drift/target_shape.h"
#include "model/drift/whitening.h"
#include "model/network.h"

namespace mlp {

// The valid range of a number. Within these ranges, the ratio of every window with finite sums is
// finite.
struct NumberRange {
  double lowest = std::numeric_limits<double>::lowest();
  double highest = std::numeric_limits<double>::max();
};

inline constexpr double kSmallestPositive = 1e-300;
inline constexpr NumberRange kAnyNumber{};
inline constexpr NumberRange kPositive{kSmallestPositive};
inline constexpr NumberRange kNotNegative{0.0};
inline constexpr NumberRange kMeanOfFloats{std::numeric_limits<float>::lowest(),
                                           std::numeric_limits<float>::max()};
// Calibrate gives at most 1e6, because B's eigenvalues are at least 1e-12.
inline constexpr NumberRange kWhitening{-1e7, 1e7};
// For T; Calibrate gives at least 1e-9.
inline constexpr NumberRange kLevel{1e-12};
// For accepted windows.
inline constexpr double kMinAccepted = 1e-20;
inline constexpr NumberRange kAcceptedScale{kMinAccepted};
inline constexpr NumberRange kShrinkage{kMinAccepted, 1.0};
inline constexpr NumberRange kShare{0.0, 1.0 + 1e-9};  // the excess covers a mean's rounding errors

template <typename Visitor, typename References>
void VisitValues(Visitor& visitor, const std::string& prefix, References& references,
                 std::int64_t count) {
  visitor.Floats(prefix + ".center", references.center, count, kAnyNumber);
  visitor.Floats(prefix + ".scale", references.scale, count, kPositive);
  visitor.Floats(prefix + ".minimum", references.minimum, count, kAnyNumber);
  visitor.Floats(prefix + ".maximum", references.maximum, count, kAnyNumber);
}

template <typename Visitor, typename Target>
void VisitTarget(Visitor& visitor, Target& target) {
  const std::string prefix = absl::StrCat("targets.", target.name);
  visitor.Doubles(prefix + ".mean", target.mean, target.components, kMeanOfFloats);
  visitor.Floats(prefix + ".whitening", target.whitening,
                 WhiteningFloats(target.components, target.panel_units), kWhitening);
  visitor.Number(prefix + ".kappa1", target.kappa1, kLevel);
  visitor.Number(prefix + ".level", target.level, kLevel);
}

template <typename Visitor, typename Reference>
void VisitLayer(Visitor& visitor, Reference& reference, std::int64_t units) {
  const std::string prefix = absl::StrCat("layers.", reference.layer);
  const NumberRange of_units{0.0, static_cast<double>(units)};
  visitor.Number(prefix + ".lower_share", reference.lower_share, kShare);
  visitor.Number(prefix + ".upper_share", reference.upper_share, kShare);
  visitor.Number(prefix + ".dead_units", reference.dead_units, of_units);
  visitor.Number(prefix + ".one_signed_units", reference.one_signed_units, of_units);
  visitor.Number(prefix + ".mean", reference.mean, kAnyNumber);
  visitor.Number(prefix + ".zero_centredness", reference.zero_centredness, kShare);
  visitor.Number(prefix + ".gradient_gain", reference.gradient_gain, kNotNegative);
}

// A visitor has these members:
//   Floats(name, values, count, range)   a tensor [count] of F32
//   Doubles(name, values, count, range)  the same of F64
//   Number(name, number, range)          a single F64
//   Classes(name, classes, most)         a tensor of I64, ascending, each in [0, most)
//   Targets(targets, shapes, judged)     called before the targets: a reader makes room for them
//   Layers(layers, network)              called before the layers: likewise
//   Accepted(accepted, targets)          the tensors of accepted windows
template <typename Visitor, typename BaselineOrConst>
void VisitBaseline(Visitor& visitor, BaselineOrConst& baseline, const Network& network) {
  const OutputForm form = OutputFormOf(network);
  const std::vector<TargetShape> shapes = TargetsOf(network, form);
  VisitValues(visitor, "inputs", baseline.inputs, shapes.front().units);
  if (form.is_classifier()) {
    visitor.Doubles("classes.share", baseline.classes.share, form.classes, kShare);
    visitor.Classes("classes.judged", baseline.classes.judged, form.classes);
    visitor.Number("classes.confidence", baseline.classes.confidence, kShare);
  } else {
    VisitValues(visitor, "values", baseline.values, form.width);
  }
  visitor.Targets(baseline.targets, shapes, baseline.classes.judged.size());
  for (auto& target : baseline.targets) VisitTarget(visitor, target);
  visitor.Layers(baseline.layers, network);
  std::size_t layer = 0;
  for (auto& reference : baseline.layers) {
    while (!network.layers()[layer].has_activity()) ++layer;
    VisitLayer(visitor, reference, network.layers()[layer].units);
    ++layer;
  }
  visitor.Accepted(baseline.accepted, baseline.targets);
}

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_BASELINE_MEMBERS_H_
