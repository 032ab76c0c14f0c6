// The targets that a network has, and the values that they are made of.

#ifndef MLP_MODEL_DRIFT_TARGET_SHAPE_H_
#define MLP_MODEL_DRIFT_TARGET_SHAPE_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/drift/baseline.h"
#include "model/drift/output_form.h"
#include "model/network.h"

namespace mlp {

struct TargetShape {
  std::string name;
  TargetKind kind = TargetKind::kHidden;
  std::size_t layer = 0;         // kHidden: index into Network::layers()
  std::int64_t units = 0;        // values or units that a row has of it; classes for kClasses
  std::int64_t panel_units = 0;  // as TargetBaseline has it

  // p. `judged` is the count of ClassReference::judged, which kClasses alone reads.
  std::int64_t ComponentsWith(std::size_t judged) const {
    return kind == TargetKind::kClasses ? static_cast<std::int64_t>(judged) + 1 : 2 * units;
  }
};

// The inputs, each layer that is followed by others and has_activity(), and the outputs.
std::vector<TargetShape> TargetsOf(const Network& network, const OutputForm& form);

// Deviations beyond so many count as so many.
inline constexpr float kMostDeviations = 4.0F;

// c of an input's or an output's value.
inline float ClippedDeviation(float value, float center, float scale) {
  if (std::isnan(value)) return 0.0F;
  return std::clamp((value - center) / scale, -kMostDeviations, kMostDeviations);
}

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_TARGET_SHAPE_H_
