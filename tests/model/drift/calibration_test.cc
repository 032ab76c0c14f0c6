#include "model/drift/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/drift/generated_network.h"

namespace mlp {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(CalibrationTest, GivesReferencesForWhatTheServerExports) {
  GeneratedClassifier classifier;
  const std::vector<float> rows = classifier.generator.Rows(2500, 12);
  const auto calibrated = classifier.CalibrateWith(rows, {"digest", BaselineSource::kLiveTraffic});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  EXPECT_THAT(calibrated->warnings, IsEmpty());
  const Baseline& baseline = calibrated->baseline;
  EXPECT_EQ(baseline.model_digest, "digest");
  EXPECT_EQ(baseline.source, BaselineSource::kLiveTraffic);
  EXPECT_EQ(baseline.rows, 2500);

  // The same rows, counted as the server counts them. Idle units are counted in windows of 1,000
  // rows.
  std::vector<float> answers(2500 * 3);
  float* const outputs[] = {answers.data()};
  Evaluator::Workspace workspace = classifier.evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(classifier.evaluator.network());
  classifier.evaluator.Evaluate(2500, rows.data(), outputs, workspace, activity);
  SettleNetworkActivity(activity);
  ASSERT_EQ(baseline.layers.size(), 2U);  // softmax has no activity
  for (std::size_t i = 0; i < 2; ++i) {
    const LayerReference& reference = baseline.layers[i];
    const double activations = 2500.0 * static_cast<double>(i == 0 ? 20 : 16);
    EXPECT_EQ(reference.layer, i == 0 ? "hidden_1" : "hidden_2");
    EXPECT_DOUBLE_EQ(reference.lower_share,
                     static_cast<double>(activity[i].LowerTail()) / activations);
    EXPECT_DOUBLE_EQ(reference.upper_share,
                     static_cast<double>(activity[i].UpperTail()) / activations);
    EXPECT_NEAR(reference.mean, activity[i].Sum() / activations, 1e-6);
    EXPECT_NEAR(reference.gradient_gain, activity[i].SumOfSlopes() / activations, 1e-6);
    EXPECT_GT(reference.zero_centredness, 0.0);
    EXPECT_LT(reference.zero_centredness, 1.0);
  }
  EXPECT_EQ(baseline.layers[0].one_signed_units, 20);  // ReLU

  std::vector<double> share(3);
  double confidence = 0.0;
  for (std::size_t row = 0; row < 2500; ++row) {
    const auto first = answers.begin() + static_cast<std::ptrdiff_t>(3 * row);
    const auto greatest = std::max_element(first, first + 3);
    share[static_cast<std::size_t>(greatest - first)] += 1.0 / 2500;
    confidence += *greatest / 2500.0;
  }
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(baseline.classes.share[i], share[i], 1e-9);
  EXPECT_NEAR(baseline.classes.confidence, confidence, 1e-6);
}

struct SeldomUnit {
  std::int64_t rows;
  std::vector<std::size_t> active;
  double idle;
};

// A unit that is active on one row in 700 is dead in many a window, but not over all rows.
TEST(CalibrationTest, CountsIdleUnitsInWindowsOfAThousandRows) {
  for (const SeldomUnit& seldom : {SeldomUnit{3000, {100, 1200, 2900}, 0},
                                   {3000, {100, 2900}, 1},
                                   {3000, {999, 1000, 2999}, 0},
                                   {3000, {999, 2000}, 1},
                                   {2000, {1500}, 1},
                                   {1999, {1998}, 0},
                                   {2999, {0, 2998}, 0},
                                   {700, {3}, 0}}) {
    std::vector<float> rows(static_cast<std::size_t>(seldom.rows), -0.5F);
    for (const std::size_t row : seldom.active) rows[row] = 0.5F;
    for (const char* activation : {"relu", "tanh"}) {
      std::vector<Layer> layers(2);
      for (Layer& layer : layers) {
        layer.inputs = layer.units = 1;
        layer.dense().weights = {1.0F};
        layer.dense().bias = {0.0F};
      }
      layers[0].activation.kind = FindActivation(activation).value()->kind;
      NetworkOutput output;
      output.tensor = {"y", {1}};
      output.layer = 1;
      tbb::task_arena arena(1);
      const Evaluator evaluator(Network::Create({"x", {1}}, std::move(layers), {output}).value(),
                                0.01, arena);
      const float* const inputs[] = {rows.data()};
      const auto calibrated = Calibrate(evaluator, seldom.rows, inputs, {});
      ASSERT_TRUE(calibrated.ok()) << calibrated.status();
      const LayerReference& reference = calibrated->baseline.layers[0];
      const bool is_relu = std::string(activation) == "relu";
      EXPECT_EQ(is_relu ? reference.dead_units : reference.one_signed_units, seldom.idle)
          << seldom.rows << " rows, active on " << ::testing::PrintToString(seldom.active);
      EXPECT_NEAR(reference.lower_share,
                  is_relu ? 1.0 - static_cast<double>(seldom.active.size()) /
                                      static_cast<double>(seldom.rows)
                          : 0.0,
                  1e-12);
    }
  }
}

TEST(CalibrationTest, FindsNoDriftInOtherRowsEvenIfValuesAreMissing) {
  GeneratedClassifier classifier;
  std::vector<float> rows = classifier.generator.Rows(2500, 12);
  for (std::size_t row = 0; row < 2500; row += 50) rows[row * 12 + 3] = std::nanf("");
  rows[5] = kInfinity;
  const auto calibrated = classifier.CalibrateWith(rows);
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  const Baseline& baseline = calibrated->baseline;
  EXPECT_TRUE(std::isfinite(baseline.inputs.center[3]));
  EXPECT_LT(baseline.inputs.maximum[5], 100.0F);

  std::vector<float> others = classifier.generator.Rows(1000, 12);
  for (std::size_t row = 0; row < 1000; row += 50) others[row * 12 + 3] = std::nanf("");
  const auto window = WindowOf(classifier.evaluator, baseline, others, 10);
  for (std::size_t i = 0; i < window.size(); ++i) {
    EXPECT_LT(JudgeWindow(baseline.targets[i], 2500, nullptr, window[i]).ratio, 1.0)
        << baseline.targets[i].name;
  }
}

TEST(CalibrationTest, WarnsOfFewRowsAndRefusesTooFew) {
  GeneratedClassifier classifier;
  const std::vector<float> rows = classifier.generator.Rows(1999, 12);
  const auto few = classifier.CalibrateWith(rows);
  ASSERT_TRUE(few.ok()) << few.status();
  EXPECT_THAT(few->warnings,
              ElementsAre("a baseline of only 1,999 rows detects less and may alarm without drift; "
                          "use at least 2,000 rows"));
  const auto too_few = classifier.CalibrateWith({rows.begin(), rows.begin() + 12 * 41});
  EXPECT_EQ(too_few.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(too_few.status().message(), "there are 41 rows; hidden_1 needs at least 42");
  EXPECT_EQ(classifier.CalibrateWith({}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CalibrationTest, ReportsItsProgressAndCanBeCancelled) {
  GeneratedClassifier classifier;
  const std::vector<float> rows = classifier.generator.Rows(2000, 12);
  std::vector<double> shares;
  CalibrationOptions options;
  options.progress = [&](double share) { shares.push_back(share); };
  ASSERT_TRUE(classifier.CalibrateWith(rows, options).ok());
  ASSERT_GE(shares.size(), 4U);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.back(), 1.0);

  options.cancelled = [] { return true; };
  EXPECT_EQ(classifier.CalibrateWith(rows, options).status().code(), absl::StatusCode::kCancelled);
}

// 400 rows of one category each. Each of the last six categories is rare: set in every 400th row,
// or never.
std::vector<float> Categories(bool with_rare_ones) {
  std::vector<float> rows(12 * 400);
  for (std::size_t row = 0; row < 400; ++row) {
    const std::size_t rare = row % 60 == 30 ? 6 + row / 60 % 6 : 12;
    rows[row * 12 + (with_rare_ones && rare < 12 ? rare : row % 6)] = 1.0F;
  }
  return rows;
}

std::vector<float> Repeated(const std::vector<float>& rows, int times) {
  std::vector<float> all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

TEST(CalibrationTest, FindsNoDriftInCategoriesThatWereNeverSeen) {
  GeneratedClassifier classifier;
  const auto calibrated = classifier.CalibrateWith(Repeated(Categories(false), 5));
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  const Baseline& baseline = calibrated->baseline;
  const auto ratio = [&](const std::vector<float>& rows) {
    const auto window = WindowOf(classifier.evaluator, baseline, rows, 10);
    return JudgeWindow(baseline.targets[0], baseline.rows, nullptr, window[0]).ratio;
  };
  // Each rare category is set in one row of 400, and then in one of 100.
  EXPECT_LT(ratio(Categories(true)), 1.0);
  std::vector<float> many = Categories(false);
  for (std::size_t row = 0; row < 400; row += 16) {
    std::fill_n(many.begin() + static_cast<std::ptrdiff_t>(row * 12), 12, 0.0F);
    many[row * 12 + 6 + row / 16 % 6] = 1.0F;
  }
  EXPECT_GT(ratio(many), 1.0);
}

TEST(CalibrationTest, FindsNoDriftInUnitsThatAreSeldomActive) {
  RowGenerator generator(11);
  tbb::task_arena arena(1);
  const Evaluator evaluator(
      GeneratedNetwork(generator, {12, 40, 3}, {"relu"}, true, 1.0F, /*rare=*/32), 0.01, arena);
  const std::vector<float> rows = generator.Rows(2000, 12);
  const float* const inputs[] = {rows.data()};
  const auto calibrated = Calibrate(evaluator, 2000, inputs, {});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  const TargetBaseline& hidden = calibrated->baseline.targets[1];
  for (int i = 0; i < 10; ++i) {
    const auto window = WindowOf(evaluator, calibrated->baseline, generator.Rows(1000, 12), 10);
    EXPECT_LT(JudgeWindow(hidden, 2000, nullptr, window[1]).ratio, 1.0);
  }
  std::vector<float> moved = generator.Rows(1000, 12);
  for (float& value : moved) value += 0.25F;
  const auto window = WindowOf(evaluator, calibrated->baseline, moved, 10);
  EXPECT_GT(JudgeWindow(hidden, 2000, nullptr, window[1]).ratio, 1.0);
}

// The error or the warnings that calibration with `rows` gives.
std::vector<std::string> SaidOf(const std::vector<float>& rows) {
  GeneratedClassifier classifier;
  auto calibrated = classifier.CalibrateWith(rows);
  if (calibrated.ok()) return calibrated->warnings;
  EXPECT_EQ(calibrated.status().code(), absl::StatusCode::kInvalidArgument);
  return {std::string(calibrated.status().message())};
}

TEST(CalibrationTest, RefusesRowsWithoutInformation) {
  const float nan = std::nanf("");
  std::vector<float> rows = RowGenerator(5).Rows(2000, 12);
  for (const float value : {0.0F, 0.5F, 1e38F}) {
    EXPECT_THAT(SaidOf(std::vector<float>(12 * 2000, value)),
                ElementsAre(AnyOf("all 2,000 rows are the same; expected rows that differ",
                                  StartsWith("none of 2,000 rows has a finite answer; 0 have"))));
  }
  std::vector<float> first;
  for (int i = 0; i < 2000; ++i) first.insert(first.end(), rows.begin(), rows.begin() + 12);
  EXPECT_THAT(SaidOf(first), ElementsAre("all 2,000 rows are the same; expected rows that differ"));
  const char* const nothing =
      "none of 2,000 rows has a finite answer; 2,000 have a NaN or an infinity; expected rows like "
      "those in requests to the model";
  for (std::size_t i = 3; i < rows.size(); i += 12) rows[i] = nan;
  EXPECT_THAT(SaidOf(rows), ElementsAre(nothing));
  EXPECT_THAT(SaidOf(std::vector<float>(12 * 2000, nan)), ElementsAre(nothing));
}

TEST(CalibrationTest, WarnsOfRowsWithLittleInformation) {
  const std::vector<float> rows = RowGenerator(5).Rows(2000, 12);
  std::vector<float> half = rows;
  for (std::size_t row = 0; row < 1000; ++row) half[row * 12] = row % 2 == 0 ? kInfinity : NAN;
  EXPECT_THAT(SaidOf(half), ElementsAre("1,000 of 2,000 rows (50.0 %) have a NaN or an infinity"));
  std::vector<float> some = rows;
  for (std::size_t row = 0; row < 20; ++row) some[row * 12] = NAN;
  EXPECT_THAT(SaidOf(some), IsEmpty());

  std::vector<float> constant = rows;
  for (std::size_t i = 0; i < rows.size(); i += 12) constant[i + 2] = constant[i + 11] = 7.0F;
  EXPECT_THAT(SaidOf(constant), ElementsAre("2 of 12 inputs never vary: 2, 11"));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % 12 >= 4) constant[i] = 0.0F;
  }
  EXPECT_THAT(SaidOf(constant), ElementsAre("9 of 12 inputs never vary: 2, 4, 5, 6, 7 and 4 more"));

  const std::vector<float> forty(rows.begin(), rows.begin() + 12 * 40);
  EXPECT_THAT(SaidOf(Repeated(forty, 50)),
              ElementsAre("only 40 of 2,000 rows are distinct; hidden_1 needs 42 distinct rows"));
  const std::vector<float> some_more(rows.begin(), rows.begin() + 12 * 50);
  EXPECT_THAT(SaidOf(Repeated(some_more, 40)), IsEmpty());

  // Sixteen tanh units behind twenty that are dead.
  std::vector<float> dead = rows;
  for (float& value : dead) value = value < 0 ? -1e8F : -1.1e8F;
  EXPECT_THAT(SaidOf(dead),
              Contains("more than half of the values of hidden_2 are the same for all rows"));
}

}  // namespace
}  // namespace mlp
