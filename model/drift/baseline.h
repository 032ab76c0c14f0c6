// A network's behaviour on rows that are known to be right: the reference for judging drift.
// Calibrate (calibration.h) makes it, baseline.safetensors next to the model (baseline_file.h)
// stores it, and JudgeWindow (drift_judge.h) uses it. Definitions: docs/reference/drift.md.

#ifndef MLP_MODEL_DRIFT_BASELINE_H_
#define MLP_MODEL_DRIFT_BASELINE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mlp {

class AcceptedWindows;  // accepted_windows.h

// One drift ratio is exported for each target: the inputs, a hidden layer, or the outputs. Each row
// gives a vector w of p components for each target:
//   inputs    (c, c²) with c = clip((x − center) / scale, ±4); a NaN counts as c = 0
//   hidden_k  (a, |f'(z)|) of each unit; a value that is not finite counts as its reference mean
//   outputs   of a classifier: one for the predicted class and zero for the others, for the classes
//             in ClassReference::judged, and the confidence; of a regression: as for inputs.
enum class TargetKind { kInputs, kHidden, kClasses, kValues };

// Statistics of a target over the calibration rows, for judging windows.
struct TargetBaseline {
  std::string name;  // "inputs", "hidden_1", ..., "outputs": the label `layer`
  TargetKind kind = TargetKind::kHidden;
  std::int64_t components = 0;  // p
  std::vector<double> mean;     // μ, [p]

  // The matrix A: ‖Aᵀ(w̄ − μ)‖² measures each direction relative to its variance. Up to 128 units
  // there is one matrix, [p, p], row-major. With more units there is one matrix, [2u, 2u], for each
  // panel of u = 32 units (fewer in the last panel). Its components are the first components of the
  // panel's units, followed by their second components.
  std::int64_t panel_units = 0;  // 0 means one matrix
  std::vector<float> whitening;

  double kappa1 = 0.0;  // Σλ of AᵀCA
  double level = 0.0;   // q: the 99.9 % point of T without drift
};

// Statistics of the input values, all inputs side by side, or of the values of a regression's
// output. Values that are not finite are left out.
struct ValueReference {
  std::vector<float> center;  // μ0 of each value
  std::vector<float> scale;   // max(σ0, 0.1·rms σ0); 1 if no value varies
  std::vector<float> minimum;
  std::vector<float> maximum;
};

// Predicted classes of a classifier; empty for a regression.
struct ClassReference {
  std::vector<double> share;         // of each class, among all rows
  std::vector<std::int64_t> judged;  // classes with a share of at least 0.5 %, at most 64 of them
  double confidence = 0.0;           // mean top-1 probability
};

// Reference values for the figures that the server exports for a layer.
struct LayerReference {
  std::string layer;  // its name in metrics
  double lower_share = 0.0;
  double upper_share = 0.0;
  double dead_units = 0.0;
  double one_signed_units = 0.0;
  double mean = 0.0;
  double zero_centredness = 0.0;
  double gradient_gain = 0.0;
};

enum class BaselineSource { kCalibration, kLiveTraffic };

// The word used in the file, the metrics' label `source` and the RPCs.
inline absl::string_view WordOf(BaselineSource source) {
  return source == BaselineSource::kCalibration ? "calibration" : "live_traffic";
}

struct Baseline {
  std::string model_digest;  // of the network that the baseline was made with (network_digest.h)
  BaselineSource source = BaselineSource::kCalibration;
  std::chrono::system_clock::time_point created;
  std::int64_t rows = 0;  // m
  ValueReference inputs;
  ValueReference values;  // of the output that OutputFormOf (output_form.h) selects; empty for a
                          // classifier
  ClassReference classes;
  std::vector<TargetBaseline> targets;  // inputs first, outputs last
  std::vector<LayerReference> layers;   // one for each layer with has_activity()

  // Empty, or one entry for each target, null if no windows of it were accepted.
  std::vector<std::shared_ptr<const AcceptedWindows>> accepted;

  // The accepted windows of targets[target], or null.
  const AcceptedWindows* AcceptedOf(std::size_t target) const {
    return target < accepted.size() ? accepted[target].get() : nullptr;
  }
};

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_BASELINE_H_
