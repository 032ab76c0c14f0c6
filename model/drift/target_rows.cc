#include "model/drift/target_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace mlp {
namespace {

constexpr float kAsTheMean = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TargetRows::TargetRows(const Evaluator& evaluator, const OutputForm& form, const Baseline& baseline,
                       absl::Span<const TargetShape> targets, Inputs inputs)
    : evaluator_(evaluator),
      form_(form),
      baseline_(baseline),
      targets_(targets),
      inputs_(inputs),
      workspace_(evaluator.MakeWorkspace()),
      outputs_(evaluator.network().outputs().size()),
      target_of_layer_(evaluator.network().layers().size(), targets.size()),
      w_(targets.size()) {
  for (std::size_t target = 0; target < targets.size(); ++target) {
    if (targets[target].kind == TargetKind::kHidden) {
      target_of_layer_[targets[target].layer] = target;
    }
  }
}

const std::vector<RowMatrix>& TargetRows::Take(std::int64_t first, std::int64_t rows,
                                               const std::vector<bool>& wanted) {
  for (std::size_t target = 0; target < targets_.size(); ++target) {
    if (!wanted[target]) continue;
    w_[target].resize(rows, targets_[target].ComponentsWith(baseline_.classes.judged.size()));
    if (targets_[target].kind == TargetKind::kInputs) TakeInputs(first, rows, w_[target]);
  }
  const Network& network = evaluator_.network();
  std::vector<const float*> inputs;
  for (std::size_t input = 0; input < inputs_.size(); ++input) {
    inputs.push_back(inputs_[input] + first * network.inputs()[input].width());
  }
  std::vector<float*> outputs;
  for (std::size_t output = 0; output < outputs_.size(); ++output) {
    const std::int64_t width = network.WidthOf(network.outputs()[output]);
    outputs_[output].resize(static_cast<std::size_t>(rows * width));
    outputs.push_back(outputs_[output].data());
  }
  evaluator_.EvaluateObserved(rows, inputs, outputs, workspace_,
                              [&](std::size_t layer, std::int64_t first_row, std::int64_t block,
                                  const float* z, const float* a) {
                                const std::size_t target = target_of_layer_[layer];
                                if (target < targets_.size() && wanted[target])
                                  TakeLayer(target, first_row, block, z, a);
                              });
  const std::size_t last = targets_.size() - 1;
  if (wanted[last]) {
    if (form_.is_classifier()) {
      TakeClasses(rows, w_[last]);
    } else {
      TakeValues(rows, w_[last]);
    }
  }
  return w_;
}

void TargetRows::TakeInputs(std::int64_t first, std::int64_t rows, RowMatrix& w) const {
  const ValueReference& reference = baseline_.inputs;
  const Eigen::Index values = w.cols() / 2;
  for (std::int64_t row = 0; row < rows; ++row) {
    Eigen::Index i = 0;
    for (std::size_t input = 0; input < inputs_.size(); ++input) {
      const std::int64_t width = evaluator_.network().inputs()[input].width();
      const float* x = inputs_[input] + (first + row) * width;
      for (std::int64_t k = 0; k < width; ++k, ++i) {
        const auto at = static_cast<std::size_t>(i);
        const float c = ClippedDeviation(x[k], reference.center[at], reference.scale[at]);
        w(row, i) = c;
        w(row, values + i) = c * c;
      }
    }
  }
}

void TargetRows::TakeLayer(std::size_t target, std::int64_t first_row, std::int64_t rows,
                           const float* z, const float* a) {
  const std::int64_t units = targets_[target].units;
  slopes_.resize(static_cast<std::size_t>(rows * units));
  evaluator_.Slopes(targets_[target].layer, z, a, rows, slopes_.data());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t unit = 0; unit < units; ++unit) {
      const float value = a[row * units + unit];
      const float slope = slopes_[static_cast<std::size_t>(row * units + unit)];
      w_[target](first_row + row, unit) = std::isfinite(value) ? value : kAsTheMean;
      w_[target](first_row + row, units + unit) = std::isfinite(slope) ? slope : kAsTheMean;
    }
  }
}

void TargetRows::TakeClasses(std::int64_t rows, RowMatrix& w) const {
  const std::vector<std::int64_t>& judged = baseline_.classes.judged;
  const float* values = outputs_[form_.output].data();
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto prediction =
        PredictionOf(form_, {values + row * form_.width, static_cast<std::size_t>(form_.width)});
    if (!prediction.has_value()) {
      w.row(row).setConstant(kAsTheMean);
      continue;
    }
    for (std::size_t i = 0; i < judged.size(); ++i) {
      w(row, static_cast<Eigen::Index>(i)) = judged[i] == prediction->predicted ? 1.0F : 0.0F;
    }
    w(row, w.cols() - 1) = static_cast<float>(prediction->confidence);
  }
}

void TargetRows::TakeValues(std::int64_t rows, RowMatrix& w) const {
  const ValueReference& reference = baseline_.values;
  const float* values = outputs_[form_.output].data();
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < form_.width; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const float c = ClippedDeviation(values[row * form_.width + i], reference.center[at],
                                       reference.scale[at]);
      w(row, i) = c;
      w(row, form_.width + i) = c * c;
    }
  }
}

}  // namespace mlp
