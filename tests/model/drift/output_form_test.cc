#include "model/drift/output_form.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace mlp {
namespace {

constexpr float kBeyondAll = std::numeric_limits<float>::infinity();

struct FormCase {
  std::string name;
  std::int64_t units;
  ActivationKind activation;
  std::vector<NetworkOutput> outputs;
  OutputForm expected;
};

void PrintTo(const FormCase& form_case, std::ostream* out) { *out << form_case.name; }

NetworkOutput Output(std::string name, std::int64_t width, Tap tap,
                     OutputKind kind = OutputKind::kValues) {
  NetworkOutput output;
  output.tensor = {std::move(name), {width}};
  output.tap = tap;
  output.kind = kind;
  if (kind == OutputKind::kLabel) {
    output.tensor = {output.tensor.name, {}, Datatype::kInt64};
    for (std::int64_t i = 0; i < width; ++i) output.integer_labels.push_back(10 * i);
  }
  if (kind == OutputKind::kDecisions) output.tensor.datatype = Datatype::kInt64;
  return output;
}

Network NetworkOf(std::int64_t units, ActivationKind activation,
                  std::vector<NetworkOutput> outputs) {
  Layer layer;
  layer.inputs = 2;
  layer.units = units;
  layer.dense().weights.assign(static_cast<std::size_t>(2 * units), 0.5F);
  layer.dense().bias.assign(static_cast<std::size_t>(units), 0.0F);
  layer.activation = DefaultActivation(activation);
  return Network::Create({"x", {2}}, {layer}, std::move(outputs)).value();
}

class OutputFormTest : public ::testing::TestWithParam<FormCase> {};

TEST_P(OutputFormTest, IsDerivedFromTheNetwork) {
  const FormCase& form_case = GetParam();
  const OutputForm form =
      OutputFormOf(NetworkOf(form_case.units, form_case.activation, form_case.outputs));
  EXPECT_EQ(form.scores, form_case.expected.scores);
  EXPECT_EQ(form.output, form_case.expected.output);
  EXPECT_EQ(form.width, form_case.expected.width);
  EXPECT_EQ(form.classes, form_case.expected.classes);
  EXPECT_EQ(form.threshold, form_case.expected.threshold);
}

NetworkOutput DecisionAt(float threshold) {
  NetworkOutput output = Output("y", 1, Tap::kActivation, OutputKind::kDecisions);
  output.threshold = threshold;
  return output;
}

constexpr Tap kBefore = Tap::kPreActivation;
constexpr Tap kBehind = Tap::kActivation;

INSTANTIATE_TEST_SUITE_P(
    Rules, OutputFormTest,
    ::testing::Values(FormCase{"the probabilities of two outputs",
                               3,
                               ActivationKind::kSoftmax,
                               {Output("logits", 3, kBefore), Output("probabilities", 3, kBehind)},
                               {OutputScores::kProbabilities, 1, 3, 3}},
                      FormCase{"logits alone",
                               3,
                               ActivationKind::kSoftmax,
                               {Output("y", 3, kBefore)},
                               {OutputScores::kLogits, 0, 3, 3}},
                      FormCase{"log-probabilities",
                               3,
                               ActivationKind::kLogSoftmax,
                               {Output("y", 3, kBehind)},
                               {OutputScores::kLogProbabilities, 0, 3, 3}},
                      FormCase{"labels of what is not said",
                               3,
                               ActivationKind::kIdentity,
                               {Output("y", 3, kBehind),
                                Output("label", 3, kBehind, OutputKind::kLabel)},
                               {OutputScores::kEither, 1, 3, 3}},
                      FormCase{"labels of a softmax",
                               3,
                               ActivationKind::kSoftmax,
                               {Output("label", 3, kBehind, OutputKind::kLabel)},
                               {OutputScores::kProbabilities, 0, 3, 3}},
                      FormCase{"one sigmoid",
                               1,
                               ActivationKind::kSigmoid,
                               {Output("y", 1, kBehind)},
                               {OutputScores::kOneProbability, 0, 1, 2, 0.5F}},
                      FormCase{"in front of one sigmoid",
                               1,
                               ActivationKind::kSigmoid,
                               {Output("y", 1, kBefore)},
                               {OutputScores::kOneLogit, 0, 1, 2, 0.0F}},
                      FormCase{"a decision of a sigmoid",
                               1,
                               ActivationKind::kSigmoid,
                               {DecisionAt(0.25F)},
                               {OutputScores::kOneProbability, 0, 1, 2, 0.25F}},
                      FormCase{"a decision at zero",
                               1,
                               ActivationKind::kIdentity,
                               {DecisionAt(0.0F)},
                               {OutputScores::kOneLogit, 0, 1, 2, 0.0F}},
                      FormCase{"called logits",
                               3,
                               ActivationKind::kIdentity,
                               {Output("Logits_0", 3, kBehind)},
                               {OutputScores::kLogits, 0, 3, 3}},
                      FormCase{"one called a logit",
                               1,
                               ActivationKind::kIdentity,
                               {Output("logit", 1, kBehind)},
                               {OutputScores::kOneLogit, 0, 1, 2, 0.0F}},
                      FormCase{"several values",
                               3,
                               ActivationKind::kIdentity,
                               {Output("y", 3, kBehind)},
                               {OutputScores::kNone, 0, 3, 0}},
                      FormCase{"several sigmoids",
                               3,
                               ActivationKind::kSigmoid,
                               {Output("y", 3, kBehind)},
                               {OutputScores::kNone, 0, 3, 0}},
                      FormCase{"one value",
                               1,
                               ActivationKind::kIdentity,
                               {Output("y", 1, kBehind)},
                               {OutputScores::kNone, 0, 1, 0}}));

struct PredictionCase {
  OutputForm form;
  std::vector<float> values;
  Prediction expected;
};

double Entropy(const std::vector<double>& probabilities) {
  double sum = 0.0;
  for (const double p : probabilities) sum -= p * std::log(p);
  return sum / std::log(static_cast<double>(probabilities.size()));
}

OutputForm FormOf(OutputScores scores, std::int64_t width, float threshold = 0.5F) {
  return {scores, 0, width, width == 1 ? 2 : width, threshold};
}

TEST(PredictionOfTest, GivesClassConfidenceAndEntropy) {
  const double e = std::exp(1.0);
  const std::vector<PredictionCase> cases = {
      {FormOf(OutputScores::kProbabilities, 3),
       {0.2F, 0.5F, 0.3F},
       {1, 0.5, Entropy({.2, .5, .3})}},
      {FormOf(OutputScores::kProbabilities, 3), {0, 1, 0}, {1, 1, 0}},
      {FormOf(OutputScores::kLogProbabilities, 2),
       {std::log(0.75F), std::log(0.25F)},
       {0, 0.75, Entropy({.75, .25})}},
      {FormOf(OutputScores::kLogits, 2),
       {101, 100},
       {0, e / (1 + e), Entropy({e / (1 + e), 1 / (1 + e)})}},
      {FormOf(OutputScores::kLogits, 2), {-kBeyondAll, 5}, {1, 1, 0}},
      {FormOf(OutputScores::kLogits, 4), {7, 7, 7, 7}, {0, 0.25, 1}},
      {FormOf(OutputScores::kEither, 2), {0.25F, 0.75F}, {1, 0.75, Entropy({.25, .75})}},
      {FormOf(OutputScores::kEither, 2), {1, 1}, {0, 0.5, 1}},
      {FormOf(OutputScores::kOneProbability, 1), {0.5F}, {0, 0.5, 1}},
      {FormOf(OutputScores::kOneProbability, 1, 0.1F), {0.25F}, {1, 0.75, Entropy({.75, .25})}},
      {FormOf(OutputScores::kOneLogit, 1, 0.0F),
       {1},
       {1, e / (1 + e), Entropy({e / (1 + e), 1 / (1 + e)})}},
      {FormOf(OutputScores::kOneLogit, 1, 0.0F), {-kBeyondAll}, {0, 1, 0}}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto prediction = PredictionOf(cases[i].form, cases[i].values);
    ASSERT_TRUE(prediction.has_value()) << "case " << i;
    EXPECT_EQ(prediction->predicted, cases[i].expected.predicted) << "case " << i;
    EXPECT_NEAR(prediction->confidence, cases[i].expected.confidence, 1e-6) << "case " << i;
    EXPECT_NEAR(prediction->entropy, cases[i].expected.entropy, 1e-6) << "case " << i;
  }
}

TEST(PredictionOfTest, GivesNothingWithoutProbabilities) {
  const float nan = std::nanf("");
  EXPECT_FALSE(PredictionOf(FormOf(OutputScores::kProbabilities, 2), {0.5F, nan}));
  EXPECT_FALSE(PredictionOf(FormOf(OutputScores::kProbabilities, 2), {0.0F, 0.0F}));
  EXPECT_FALSE(PredictionOf(FormOf(OutputScores::kLogits, 2), {kBeyondAll, 1.0F}));
  EXPECT_FALSE(PredictionOf(FormOf(OutputScores::kLogits, 2), {1.0F, nan}));
  EXPECT_FALSE(PredictionOf(FormOf(OutputScores::kEither, 2), {nan, nan}));
  EXPECT_FALSE(PredictionOf(FormOf(OutputScores::kOneLogit, 1), {nan}));
}

}  // namespace
}  // namespace mlp
