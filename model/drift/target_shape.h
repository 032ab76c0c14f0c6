// The targets of a network and their sizes.

#ifndef MLP_MODEL_DRIFT_TARGET_SHAPE_H_
#define MLP_MODEL_DRIFT_TARGET_SHAPE_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/drift/baseline.h"
#include "model/drift/kernels/value_kernel.h"
#include "model/drift/output_form.h"
#include "model/network.h"

namespace mlp {

struct TargetShape {
  std::string name;
  TargetKind kind = TargetKind::kHidden;
  std::size_t layer = 0;         // kHidden: index into Network::layers()
  std::int64_t units = 0;        // values or units of a row; for kClasses, the number of classes
  std::int64_t panel_units = 0;  // as in TargetBaseline

  // p. `judged` is the size of ClassReference::judged, used only for kClasses.
  std::int64_t ComponentsWith(std::size_t judged) const {
    return kind == TargetKind::kClasses ? static_cast<std::int64_t>(judged) + 1 : 2 * units;
  }
};

// The inputs, each layer that has_activity() and is followed by other layers, and the outputs.
std::vector<TargetShape> TargetsOf(const Network& network, const OutputForm& form);

// c of an input's or an output's value, as ValueKernel computes it.
inline float ClippedDeviation(float value, float center, float scale) {
  if (std::isnan(value)) return 0.0F;
  return std::clamp((value - center) / scale, -kMaxDeviations, kMaxDeviations);
}

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_TARGET_SHAPE_H_
