// Compares baselines and judgements with the definitions in double, written separately in Python
// (tests/fixtures/make_drift_fixtures.py).

#include "model/drift/drift_judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/drift/accepted_windows.h"
#include "tests/model/drift/generated_network.h"

namespace mlp {
namespace {

constexpr int kSubWindows = 10;

std::vector<nlohmann::json> JudgedCases() {
  std::ifstream file(MLP_SOURCE_DIR "/tests/fixtures/drift/judged.json");
  return nlohmann::json::parse(file).get<std::vector<nlohmann::json>>();
}

// `tolerance` is relative: the network, the components and the whitening are FP32.
void ExpectWithin(double actual, double expected, double tolerance, const std::string& place) {
  EXPECT_NEAR(actual, expected, tolerance * std::abs(expected)) << place;
}

// Windows of healthy rows, of rows mixed half and half with the next one, and of rows with one
// value moved.
std::vector<std::vector<float>> WindowRows(RowGenerator& generator, std::int64_t width,
                                           std::int64_t rows, std::int64_t rare) {
  std::vector<std::vector<float>> windows;
  for (int i = 0; i < 3; ++i) windows.push_back(generator.Rows(rows, width, rare));
  const std::vector<float> whole = windows[1];
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = width / 2; i < width; ++i) {
      windows[1][static_cast<std::size_t>(row * width + i)] =
          whole[static_cast<std::size_t>((row + 1) % rows * width + i)];
    }
    windows[2][static_cast<std::size_t>(row * width + 1)] += 0.5F;
  }
  return windows;
}

TEST(DriftJudgeTest, JudgesAsTheDefinitionDoes) {
  for (const nlohmann::json& judged_case : JudgedCases()) {
    SCOPED_TRACE(judged_case["name"].get<std::string>());
    RowGenerator generator(judged_case["seed"].get<std::uint32_t>());
    const auto rare = judged_case["rare"].get<std::int64_t>();
    const auto widths = judged_case["widths"].get<std::vector<std::int64_t>>();
    tbb::task_arena arena(1);
    const Evaluator evaluator(
        GeneratedNetwork(generator, widths,
                         judged_case["activations"].get<std::vector<std::string>>(),
                         judged_case["classifier"].get<bool>(),
                         judged_case["sharpness"].get<float>(), static_cast<std::size_t>(rare)),
        0.01, arena);
    const auto rows = judged_case["rows"].get<std::int64_t>();
    const std::vector<float> x = generator.Rows(rows, widths.front(), rare);
    const float* const inputs[] = {x.data()};
    const auto calibrated = Calibrate(evaluator, rows, inputs, {});
    ASSERT_TRUE(calibrated.ok()) << calibrated.status();
    const Baseline& baseline = calibrated->baseline;
    ASSERT_EQ(baseline.targets.size(), judged_case["targets"].size());
    for (std::size_t i = 0; i < baseline.targets.size(); ++i) {
      const nlohmann::json& expected = judged_case["targets"][i];
      EXPECT_EQ(baseline.targets[i].name, expected["name"].get<std::string>());
      ExpectWithin(baseline.targets[i].kappa1, expected["kappa1"], 1e-6, expected["name"]);
      ExpectWithin(baseline.targets[i].level, expected["level"], 1e-6, expected["name"]);
    }
    const auto windows =
        WindowRows(generator, widths.front(), judged_case["window"].get<std::int64_t>(), rare);
    for (std::size_t window = 0; window < windows.size(); ++window) {
      const auto sums = WindowOf(evaluator, baseline, windows[window], kSubWindows);
      for (std::size_t i = 0; i < baseline.targets.size(); ++i) {
        const nlohmann::json& expected = judged_case["targets"][i]["windows"][window];
        const Judgement judgement =
            JudgeWindow(baseline.targets[i], baseline.rows, nullptr, sums[i]);
        const std::string place = baseline.targets[i].name + ", window " + std::to_string(window);
        ExpectWithin(judgement.ratio, expected["ratio"], 1e-5, place);
        EXPECT_NEAR(judgement.effect, expected["effect"].get<double>(), 1e-5) << place;
        EXPECT_EQ(judgement.rows, judged_case["window"].get<std::int64_t>());
      }
    }
  }
}

// One component of variance 1, judged by the square of its mean.
TargetBaseline OneComponent() {
  TargetBaseline target;
  target.name = "inputs";
  target.components = 1;
  target.mean = {0.0};
  target.whitening = {1.0F};
  target.kappa1 = 1.0;
  target.level = 2.0;
  return target;
}

TEST(DriftJudgeTest, OmitsOneSubWindow) {
  const TargetBaseline target = OneComponent();
  // The second sub-window has an outlier, and another one has no rows.
  const std::vector<SubWindow> window = {{100, {10.0}}, {100, {1e6}},  {0, {0.0}},
                                         {100, {30.0}}, {100, {20.0}}, {100, {20.0}}};
  const Judgement judgement = JudgeWindow(target, 600, nullptr, window);
  const double mean = 80.0 / 400;
  const double variance = 1.0 / 400 + 1.0 / 600;
  EXPECT_DOUBLE_EQ(judgement.ratio, mean * mean / variance / 2.0);
  EXPECT_DOUBLE_EQ(judgement.effect, std::sqrt(mean * mean - variance));
  EXPECT_EQ(judgement.rows, 500);
  ASSERT_EQ(judgement.whitened.size(), 1U);
  EXPECT_FLOAT_EQ(judgement.whitened[0], 1000080.0F / 500);
}

struct PartsCase {
  const char* name;
  std::vector<SubWindow> window;
  double judged_rows;
  double judged_sum;
};

// A request is never split, so one request may bring most of a window.
TEST(DriftJudgeTest, OmitsAtMostAFifthOfTheRows) {
  for (const PartsCase& parts_case :
       {PartsCase{
            "a fifth", {{40, {40.0}}, {40, {0.0}}, {40, {0.0}}, {40, {0.0}}, {40, {0.0}}}, 160, 0},
        PartsCase{"more than half in one request",
                  {{120, {120.0}}, {20, {0.0}}, {20, {0.0}}, {20, {0.0}}, {20, {0.0}}},
                  180,
                  120},
        PartsCase{
            "the small part is the wild one", {{120, {6.0}}, {60, {3.0}}, {20, {1e6}}}, 180, 9},
        PartsCase{"large requests alone", {{100, {60.0}}, {100, {0.0}}, {100, {30.0}}}, 300, 90},
        PartsCase{"two requests", {{100, {60.0}}, {100, {0.0}}}, 200, 60}}) {
    const Judgement judgement = JudgeWindow(OneComponent(), 600, nullptr, parts_case.window);
    const double mean = parts_case.judged_sum / parts_case.judged_rows;
    const double variance = 1.0 / parts_case.judged_rows + 1.0 / 600;
    EXPECT_NEAR(judgement.ratio, mean * mean / variance / 2.0, 1e-9) << parts_case.name;
    EXPECT_NEAR(judgement.effect, std::sqrt(std::max(mean * mean - variance, 0.0)), 1e-9)
        << parts_case.name;
  }
}

TEST(DriftJudgeTest, JudgesASingleSubWindowWhole) {
  const std::vector<SubWindow> window = {{100, {-50.0}}};
  const Judgement judgement = JudgeWindow(OneComponent(), 100, nullptr, window);
  EXPECT_DOUBLE_EQ(judgement.ratio, 0.25 / 0.02 / 2.0);
  EXPECT_DOUBLE_EQ(judgement.effect, std::sqrt(0.25 - 0.02));
}

TEST(DriftJudgeTest, JudgesByAcceptedWindowsIfThereAreAny) {
  AcceptedFigures accepted;
  accepted.windows = {-0.5F, 0.5F};
  accepted.mean = {0.25};
  accepted.shrinkage = 0.5;
  accepted.scale = 0.25;
  accepted.level = 3.0;
  const AcceptedWindows judge(accepted);
  // G = 0.5·0.25 + 0.5·0.25, d = 0.5 − 0.25.
  const std::vector<SubWindow> window = {{100, {50.0}}};
  const Judgement judgement = JudgeWindow(OneComponent(), 100, &judge, window);
  EXPECT_NEAR(judgement.ratio, 0.0625 / 0.25 / 3.0, 1e-12);
  EXPECT_NEAR(judgement.effect, std::sqrt(0.0625 - 0.02), 1e-12);
}

TEST(DriftJudgeTest, WarnsOfWindowsWithMoreRowsThanTheBaseline) {
  EXPECT_EQ(LargeWindowWarning(1437, 1437), std::nullopt);
  EXPECT_EQ(LargeWindowWarning(20000, 10000), std::nullopt);
  EXPECT_EQ(LargeWindowWarning(1437, 10000).value_or(""),
            "a window has up to 10,000 rows (--saturation-window), but the baseline only 1,437: "
            "healthy rows may alarm repeatedly; calibrate with more rows or use smaller windows");
}

}  // namespace
}  // namespace mlp
