#include "model/drift/output_form.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "model/output_labels.h"

namespace mlp {
namespace {

// The layer and tap that compute an output's values.
struct MadeAt {
  const Layer* layer;
  Tap tap;
};

MadeAt MakerOf(const Network& network, const NetworkOutput& output) {
  const Layer* layer = &network.layers()[static_cast<std::size_t>(output.layer)];
  Tap tap = output.tap;
  while (layer->combination() == Combination::kConcat && !layer->is_proper() &&
         layer->sources.size() == 1 && !layer->sources.front().is_input()) {
    const Source& source = layer->sources.front();
    const Layer& in_front = network.layers()[static_cast<std::size_t>(source.layer)];
    if (source.width != in_front.WidthAt(source.tap)) break;
    layer = &in_front;
    tap = source.tap;
  }
  return {layer, tap};
}

// The kind of scores that a row of values at `made` is; kNone if the activation does not determine
// it.
OutputScores ScoresOf(const MadeAt& made) {
  switch (made.layer->activation.kind) {
    case ActivationKind::kSoftmax:
    case ActivationKind::kSparsemax:
    case ActivationKind::kHardmax:
      return made.tap == Tap::kActivation ? OutputScores::kProbabilities : OutputScores::kLogits;
    case ActivationKind::kLogSoftmax:
      return made.tap == Tap::kActivation ? OutputScores::kLogProbabilities : OutputScores::kLogits;
    default:
      return OutputScores::kNone;
  }
}

bool IsSigmoid(const Layer& layer) { return layer.activation.kind == ActivationKind::kSigmoid; }

// The kind of scores that each rule gives for one output; kNone if the rule does not hold. In the
// order of the rules.
using FormRule = OutputScores (*)(const Network&, const NetworkOutput&);

OutputScores ByLabels(const Network& network, const NetworkOutput& output) {
  if (output.kind != OutputKind::kLabel || network.WidthOf(output) < 2) return OutputScores::kNone;
  const OutputScores scores = ScoresOf(MakerOf(network, output));
  return scores == OutputScores::kNone ? OutputScores::kEither : scores;
}

OutputScores ByProbabilities(const Network& network, const NetworkOutput& output) {
  if (output.kind != OutputKind::kValues || network.WidthOf(output) < 2) return OutputScores::kNone;
  const OutputScores scores = ScoresOf(MakerOf(network, output));
  return scores == OutputScores::kLogits ? OutputScores::kNone : scores;
}

OutputScores ByLogits(const Network& network, const NetworkOutput& output) {
  if (output.kind != OutputKind::kValues || network.WidthOf(output) < 2) return OutputScores::kNone;
  return ScoresOf(MakerOf(network, output));
}

OutputScores ByOneDecision(const Network& network, const NetworkOutput& output) {
  if (output.kind != OutputKind::kDecisions || network.WidthOf(output) != 1) {
    return OutputScores::kNone;
  }
  const MadeAt made = MakerOf(network, output);
  if (IsSigmoid(*made.layer)) {
    return made.tap == Tap::kActivation ? OutputScores::kOneProbability : OutputScores::kOneLogit;
  }
  return output.threshold > 0.0F && output.threshold < 1.0F ? OutputScores::kOneProbability
                                                            : OutputScores::kOneLogit;
}

OutputScores ByOneSigmoid(const Network& network, const NetworkOutput& output) {
  const MadeAt made = MakerOf(network, output);
  if (output.kind != OutputKind::kValues || network.WidthOf(output) != 1 ||
      !IsSigmoid(*made.layer)) {
    return OutputScores::kNone;
  }
  return made.tap == Tap::kActivation ? OutputScores::kOneProbability : OutputScores::kOneLogit;
}

OutputScores ByName(const Network& network, const NetworkOutput& output) {
  if (output.kind != OutputKind::kValues ||
      !absl::StrContains(absl::AsciiStrToLower(output.tensor.name), "logit")) {
    return OutputScores::kNone;
  }
  return network.WidthOf(output) == 1 ? OutputScores::kOneLogit : OutputScores::kLogits;
}

constexpr std::array<FormRule, 6> kFormRules = {ByLabels,      ByProbabilities, ByLogits,
                                                ByOneDecision, ByOneSigmoid,    ByName};

bool IsOneUnit(OutputScores scores) {
  return scores == OutputScores::kOneProbability || scores == OutputScores::kOneLogit;
}

// One term of the entropy, in nats.
double EntropyTerm(double probability) {
  return probability > 0.0 ? -probability * std::log(probability) : 0.0;
}

std::optional<Prediction> OfOneUnit(const OutputForm& form, double value) {
  if (std::isnan(value)) return std::nullopt;
  const double likely = form.scores == OutputScores::kOneLogit ? 1.0 / (1.0 + std::exp(-value))
                                                               : std::clamp(value, 0.0, 1.0);
  return Prediction{value > form.threshold ? 1 : 0, std::max(likely, 1.0 - likely),
                    (EntropyTerm(likely) + EntropyTerm(1.0 - likely)) / std::log(2.0)};
}

bool AreProbabilities(absl::Span<const float> values) {
  double sum = 0.0;
  for (const float value : values) {
    if (!(value >= 0.0F && value <= 1.0F)) return false;
    sum += value;
  }
  return std::abs(sum - 1.0) <= 0.001;
}

// Σp and Σ-p ln p give both figures without storing the probabilities.
std::optional<Prediction> OfProbabilities(absl::Span<const float> values) {
  const std::size_t greatest = GreatestOf(values);
  double sum = 0.0;
  double entropy = 0.0;
  for (const float value : values) {
    sum += value;
    entropy += EntropyTerm(value);
  }
  // Equivalent to dividing each value by their sum, which rounding may move away from 1.
  if (!(sum > 0.0) || std::isinf(sum)) return std::nullopt;
  entropy = entropy / sum + std::log(sum);
  return Prediction{static_cast<std::int64_t>(greatest), values[greatest] / sum,
                    std::max(0.0, entropy / std::log(static_cast<double>(values.size())))};
}

// With e = exp(z - max): p = e / Σe, and the entropy is ln Σe - Σ e (z - max) / Σe.
std::optional<Prediction> OfLogits(absl::Span<const float> values) {
  const std::size_t greatest = GreatestOf(values);
  const double most = values[greatest];
  if (!std::isfinite(most)) return std::nullopt;
  double sum = 0.0;
  double weighed = 0.0;
  for (const float value : values) {
    const double below = value - most;
    const double likely = std::exp(below);
    sum += likely;
    if (likely > 0.0) weighed += likely * below;
  }
  if (std::isnan(sum)) return std::nullopt;
  const double entropy = std::log(sum) - weighed / sum;
  return Prediction{static_cast<std::int64_t>(greatest), 1.0 / sum,
                    std::max(0.0, entropy / std::log(static_cast<double>(values.size())))};
}

}  // namespace

OutputForm OutputFormOf(const Network& network) {
  for (const FormRule rule : kFormRules) {
    for (std::size_t i = 0; i < network.outputs().size(); ++i) {
      const NetworkOutput& output = network.outputs()[i];
      OutputForm form;
      form.scores = rule(network, output);
      if (!form.is_classifier()) continue;
      form.output = i;
      form.width = network.WidthOf(output);
      form.classes = IsOneUnit(form.scores) ? 2 : form.width;
      form.threshold = form.scores == OutputScores::kOneLogit ? 0.0F : 0.5F;
      if (output.kind == OutputKind::kDecisions) form.threshold = output.threshold;
      return form;
    }
  }
  OutputForm form;
  for (std::size_t i = 0; i < network.outputs().size(); ++i) {
    if (network.outputs()[i].kind != OutputKind::kValues) continue;
    form.output = i;
    break;
  }
  form.width = network.WidthOf(network.outputs()[form.output]);
  return form;
}

std::optional<Prediction> PredictionOf(const OutputForm& form, absl::Span<const float> values) {
  switch (form.scores) {
    case OutputScores::kOneProbability:
    case OutputScores::kOneLogit:
      return OfOneUnit(form, values.front());
    case OutputScores::kProbabilities:
      return OfProbabilities(values);
    case OutputScores::kEither:
      return AreProbabilities(values) ? OfProbabilities(values) : OfLogits(values);
    default:
      return OfLogits(values);  // softmax turns log-probabilities into probabilities too
  }
}

}  // namespace mlp
