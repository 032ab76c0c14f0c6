// What a network does on rows that are known to be right: the reference that drift is judged
// against. Made by Calibrate (calibration.h), kept as baseline.safetensors beside the model
// (baseline_file.h), and what JudgeWindow (drift_judge.h) goes by. Definitions: docs/drift.md.

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

// A target is what one ratio is exported for: the inputs, a hidden layer, or the outputs. Each row
// gives a vector w of p components for it:
//   inputs    (c, c²) with c = clip((x − center) / scale, ±4); a NaN counts as c = 0
//   hidden_k  (a, |f'(z)|), each unit's; a value that is not finite counts as its reference mean
//   outputs   of a classifier: one for the predicted class and zero for the others, the classes in
//             ClassReference::judged, and the confidence; of a regression as inputs.
enum class TargetKind { kInputs, kHidden, kClasses, kValues };

// Statistics of a target over the calibration rows, as the judge needs them.
struct TargetBaseline {
  std::string name;  // "inputs", "hidden_1", ..., "outputs": the label `layer`
  TargetKind kind = TargetKind::kHidden;
  std::int64_t components = 0;  // p
  std::vector<double> mean;     // μ, [p]

  // A, so that ‖Aᵀ(w̄ − μ)‖² weighs every direction by its variance. Up to 128 units one matrix of
  // [p, p], row-major. Beyond, one for each panel of 32 units (the last one may have fewer), of
  // [2u, 2u], whose components are a panel's first halves and then its second halves.
  std::int64_t panel_units = 0;  // 0: one matrix
  std::vector<float> whitening;

  double kappa1 = 0.0;  // Σλ of AᵀCA
  double level = 0.0;   // q: T's 99.9 % point without any drift
};

// Of the input values, all inputs' side by side, or of the values of a regression's output, over
// those that are finite.
struct ValueReference {
  std::vector<float> center;  // μ0 of each value
  std::vector<float> scale;   // max(σ0, 0.1·rms σ0); 1 where no value varies
  std::vector<float> minimum;
  std::vector<float> maximum;
};

// Predicted classes of a classifier; empty for a regression.
struct ClassReference {
  std::vector<double> share;         // of each class, of all
  std::vector<std::int64_t> judged;  // classes with a share of 0.5 % and more, at most 64
  double confidence = 0.0;           // mean top-1 probability
};

// The reference values of what the server exports of a layer.
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

// As the file, the metrics' label `source` and the RPCs have it.
inline absl::string_view WordOf(BaselineSource source) {
  return source == BaselineSource::kCalibration ? "calibration" : "live_traffic";
}

struct Baseline {
  std::string model_digest;  // of the network that it was made with (network_digest.h)
  BaselineSource source = BaselineSource::kCalibration;
  std::chrono::system_clock::time_point created;
  std::int64_t rows = 0;  // m
  ValueReference inputs;
  ValueReference values;  // of the output by OutputFormOf (output_form.h); empty for a classifier
  ClassReference classes;
  std::vector<TargetBaseline> targets;  // inputs first, outputs last
  std::vector<LayerReference> layers;   // each with has_activity()

  // Empty, or an entry for each target, null where none were accepted of it.
  std::vector<std::shared_ptr<const AcceptedWindows>> accepted;

  // Those of targets[target]; null where there are none.
  const AcceptedWindows* AcceptedOf(std::size_t target) const {
    return target < accepted.size() ? accepted[target].get() : nullptr;
  }
};

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_BASELINE_H_
