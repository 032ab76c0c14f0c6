// Generated networks and rows, exact in FP32, and calibrations of them.
// tests/fixtures/make_drift_fixtures.py has the same generator.

#ifndef MLP_TESTS_MODEL_DRIFT_GENERATED_NETWORK_H_
#define MLP_TESTS_MODEL_DRIFT_GENERATED_NETWORK_H_

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/drift/calibration.h"
#include "model/drift/drift_judge.h"
#include "model/drift/output_form.h"
#include "model/drift/target_rows.h"
#include "model/drift/target_shape.h"
#include "model/network.h"

namespace mlp {

// 32-bit xorshift (Marsaglia 2003).
class RowGenerator final {
 public:
  explicit RowGenerator(std::uint32_t seed) : state_(seed) {}

  // In [-32768, 32767].
  int Next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 17U;
    state_ ^= state_ << 5U;
    return static_cast<int>(state_ >> 16U) - 32768;
  }

  // Neighbouring values share a term, which makes them correlate. The last `rare` values of a row
  // are 0, and seldom 1.
  std::vector<float> Rows(std::int64_t rows, std::int64_t width, std::int64_t rare = 0) {
    std::vector<float> x;
    for (std::int64_t row = 0; row < rows; ++row) {
      int before = Next();
      before += Next();
      for (std::int64_t i = 0; i < width; ++i) {
        int now = Next();
        now += Next();
        const float value = static_cast<float>(2 * now + before) / 65536.0F;
        x.push_back(i < width - rare ? value : value > 2.25F ? 1.0F : 0.0F);
        before = now;
      }
    }
    return x;
  }

 private:
  std::uint32_t state_;
};

// A chain of `widths`, with an activation for each hidden layer. A classifier ends in a softmax,
// which is as sure as the last layer's `sharpness`. The first `rare` units of the first layer are
// seldom above 0.
inline Network GeneratedNetwork(RowGenerator& generator, const std::vector<std::int64_t>& widths,
                                const std::vector<std::string>& activations, bool is_classifier,
                                float sharpness = 1.0F, std::size_t rare = 0) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    Layer layer;
    layer.inputs = widths[i];
    layer.units = widths[i + 1];
    const auto scale = static_cast<float>(
        std::pow(2.0, -std::round(std::log2(static_cast<double>(widths[i])) / 2.0)));
    for (std::int64_t k = 0; k < layer.inputs * layer.units; ++k) {
      layer.dense().weights.push_back(static_cast<float>(generator.Next() >> 9) / 64.0F * scale);
    }
    for (std::int64_t k = 0; k < layer.units; ++k) {
      layer.dense().bias.push_back(static_cast<float>(generator.Next() >> 9) / 256.0F);
    }
    for (std::size_t k = 0; i == 0 && k < rare; ++k) layer.dense().bias[k] -= 1.75F;
    if (i + 2 == widths.size()) {
      for (float& weight : layer.dense().weights) weight *= sharpness;
      for (float& bias : layer.dense().bias) bias *= sharpness;
    }
    if (i + 2 < widths.size()) {
      layer.activation.kind = FindActivation(activations[i]).value()->kind;
    } else if (is_classifier) {
      layer.activation.kind = ActivationKind::kSoftmax;
    }
    layers.push_back(std::move(layer));
  }
  NetworkOutput output;
  output.tensor = {"y", {widths.back()}};
  output.layer = static_cast<std::int64_t>(layers.size()) - 1;
  return Network::Create({"x", {widths.front()}}, std::move(layers), {output}).value();
}

// A small classifier of 12 inputs with its evaluator.
class GeneratedClassifier {
 public:
  GeneratedClassifier()
      : generator(7),
        arena(2),
        evaluator(GeneratedNetwork(generator, {12, 20, 16, 3}, {"relu", "tanh"}, true), 0.01,
                  arena) {}

  absl::StatusOr<CalibratedBaseline> CalibrateWith(const std::vector<float>& rows,
                                                   const CalibrationOptions& options = {}) const {
    const float* const inputs[] = {rows.data()};
    return Calibrate(evaluator, static_cast<std::int64_t>(rows.size()) / 12, inputs, options);
  }

  RowGenerator generator;
  tbb::task_arena arena;
  Evaluator evaluator;
};

// The sums that the server would hold for `rows` rows of the network's one input: for each target,
// in `parts` equal sub-windows.
inline std::vector<std::vector<SubWindow>> WindowOf(const Evaluator& evaluator,
                                                    const Baseline& baseline,
                                                    const std::vector<float>& x, int parts) {
  const OutputForm form = OutputFormOf(evaluator.network());
  const std::vector<TargetShape> shapes = TargetsOf(evaluator.network(), form);
  const float* const inputs[] = {x.data()};
  TargetRows target_rows(evaluator, form, baseline, shapes, inputs);
  const std::int64_t rows =
      static_cast<std::int64_t>(x.size()) / evaluator.network().inputs().front().width();
  std::vector<std::vector<SubWindow>> window(shapes.size());
  for (int part = 0; part < parts; ++part) {
    const std::int64_t first = part * rows / parts;
    const std::int64_t count = (part + 1) * rows / parts - first;
    const auto& w = target_rows.Take(first, count, std::vector<bool>(shapes.size(), true));
    for (std::size_t target = 0; target < shapes.size(); ++target) {
      SubWindow& sub_window = window[target].emplace_back();
      sub_window.rows = count;
      for (Eigen::Index i = 0; i < w[target].cols(); ++i) {
        double sum = 0.0;
        for (Eigen::Index row = 0; row < count; ++row) {
          const double deviation =
              w[target](row, i) - baseline.targets[target].mean[static_cast<std::size_t>(i)];
          sum += std::isnan(deviation) ? 0.0 : deviation;
        }
        sub_window.sums.push_back(sum);
      }
    }
  }
  return window;
}

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_DRIFT_GENERATED_NETWORK_H_
