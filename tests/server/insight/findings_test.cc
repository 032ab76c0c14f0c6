#include "server/insight/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "server/insight/finding_text.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// 14:30 UTC on some day, when the series end.
constexpr std::chrono::system_clock::time_point kNow{std::chrono::hours(24 * 365) +
                                                     std::chrono::minutes(14 * 60 + 30)};

// A series with `value` in the last `minutes` and `old_value` earlier.
MinuteSeries SeriesOf(double old_value, double value, std::size_t minutes) {
  MinuteSeries series;
  series.fill(old_value);
  std::fill(series.end() - static_cast<std::ptrdiff_t>(minutes), series.end(), value);
  return series;
}

StatusLayer LayerNamed(const char* name) {
  StatusLayer layer;
  layer.name = name;
  layer.units = 64;
  layer.lower_share = {0.031, 0.031};
  layer.upper_share = {0.02, 0.02};
  layer.dead_units = {0, 0};
  layer.lower_minutes = SeriesOf(0.031, 0.031, 60);
  layer.upper_minutes = SeriesOf(0.02, 0.02, 60);
  layer.drift.ratio = 0.6;
  layer.drift.minutes = SeriesOf(0.6, 0.6, 60);
  return layer;
}

StatusModel HealthyModel() {
  StatusModel model;
  model.name = "m";
  model.version = "1";
  model.state = "READY";
  for (const char* name : {"inputs", "hidden_1", "hidden_2", "outputs"}) {
    model.layers.push_back(LayerNamed(name));
  }
  model.out_of_range_share = model.missing_share = model.not_finite_share = 0;
  return model;
}

void Drift(StatusLayer& layer, double ratio, std::size_t minutes) {
  layer.drift.ratio = ratio;
  layer.drift.alarmed = true;
  layer.drift.minutes = SeriesOf(0.6, ratio, minutes);
  layer.drift.above_since = kNow - std::chrono::minutes(minutes - 1);
}

struct FindingCase {
  const char* what;
  std::function<void(StatusModel&)> harm;
  std::vector<const char*> parts;  // of the single sentence that results
};

void PrintTo(const FindingCase& test_case, std::ostream* out) { *out << test_case.what; }

class FindingTest : public ::testing::TestWithParam<FindingCase> {};

TEST_P(FindingTest, IsOneSentenceWithWhatAnOperatorNeeds) {
  StatusModel model = HealthyModel();
  GetParam().harm(model);
  const std::vector<std::string> findings = FindingsOf(model, kNow);
  ASSERT_EQ(findings.size(), 1U) << ::testing::PrintToString(findings);
  for (const char* const part : GetParam().parts) EXPECT_THAT(findings[0], HasSubstr(part));
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    Problems, FindingTest,
    ::testing::Values(
        FindingCase{"saturation up",
                    [](StatusModel& model) {
                      model.layers[1].lower_share.value = 0.41;
                      model.layers[1].lower_minutes = SeriesOf(0.031, 0.41, 26);
                    },
                    {"hidden_1 saturates since 14:05 UTC, lower tail, 3.1 % to 41 %"}},
        FindingCase{"saturation down",
                    [](StatusModel& model) {
                      model.layers[2].upper_share = {0.1, 0.5};
                      model.layers[2].upper_minutes = SeriesOf(0.5, 0.1, 1);
                    },
                    {"hidden_2 saturates less since 14:30 UTC, upper tail, 50 % to 10 %"}},
        FindingCase{"a torn picture",
                    [](StatusModel& model) {
                      Drift(model.layers[1], 6.0, 6);
                      Drift(model.layers[2], 11.9, 5);
                      model.layers[0].drift.window_begin = kNow - std::chrono::minutes(5);
                    },
                    {"hidden_1 (ratio 6.0), hidden_2 (ratio 11.9) drift since 14:25 UTC",
                     "while the inputs do not (ratio 0.6)", "a wrong join, or swapped or torn"}},
        FindingCase{"a drift that no window of inputs is as young as",
                    [](StatusModel& model) {
                      Drift(model.layers[1], 6.0, 6);
                      model.layers[0].drift.window_begin = kNow - std::chrono::minutes(6);
                    },
                    {"hidden_1 (ratio 6.0) drifts since 14:25 UTC; the inputs have not been "
                     "judged since"}},
        FindingCase{"outputs alone",
                    [](StatusModel& model) {
                      Drift(model.layers[3], 2.0, 6);
                      model.layers[0].drift.window_begin = kNow;
                    },
                    {"outputs (ratio 2.0) drift since 14:25 UTC while the layers before them do "
                     "not: the mix of requests"}},
        FindingCase{"inputs above 1 once",
                    [](StatusModel& model) {
                      Drift(model.layers[1], 6.0, 6);
                      model.layers[0].drift.ratio = 1.2;
                      model.moved_inputs = {{"x[7]", -2.34}};
                    },
                    {"hidden_1 (ratio 6.0) drifts since 14:25 UTC; the inputs have changed; most "
                     "moved: x[7] (-2.3"}},
        FindingCase{"an input that moved",
                    [](StatusModel& model) {
                      Drift(model.layers[0], 8.0, 10);
                      model.moved_inputs = {{"x[7]", -2.34}, {"x[12]", 1.0}, {"x[1]", 0.01}};
                    },
                    {"inputs (ratio 8.0) drift since 14:21 UTC",
                     "most moved: x[7] (-2.3 standard deviations), x[12] (+1.0"}},
        FindingCase{"dead units",
                    [](StatusModel& model) {
                      model.layers[1].dead_units = {9, 1};
                    },
                    {"hidden_1 9 of 64 (1 by the baseline)"}},
        FindingCase{"infinities",
                    [](StatusModel& model) { model.not_finite_share = 0.001; },
                    {"0.1 % of the rows", "infinite"}},
        FindingCase{"out of range",
                    [](StatusModel& model) { model.out_of_range_share = 0.2; },
                    {"20 % of the rows", "outside of the baseline's range"}},
        FindingCase{"more out of range than expected",
                    [](StatusModel& model) {
                      model.out_of_range_share = 0.42;
                      model.expected_out_of_range = 0.2;
                    },
                    {"42 % of the rows", "outside of the baseline's range"}},
        FindingCase{"an absurd ratio",
                    [](StatusModel& model) { Drift(model.layers[1], 1e74, 6); },
                    {"hidden_1 (ratio over 1,000) drifts"}},
        FindingCase{
            "missing", [](StatusModel& model) { model.missing_share = 0.5; }, {"50 %", "NaN"}},
        FindingCase{"refusals",
                    [](StatusModel& model) {
                      model.refusals = {{"overload", 12}, {"invalid", 99}};
                    },
                    {"12 requests were refused", "overload 12"}},
        FindingCase{"errors", [](StatusModel& model) { model.errors = 1; }, {"1 request of"}},
        FindingCase{"a refused baseline",
                    [](StatusModel& model) { model.baseline_error = "it is of another model"; },
                    {"its baseline was refused", "it is of another model"}},
        FindingCase{"a refused version",
                    [](StatusModel& model) { model.state = "refused: no such file"; },
                    {"is not serving: refused: no such file"}}),
    [](const auto& finding) {
      std::string name = finding.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

struct HealthCase {
  const char* what;
  std::function<void(StatusModel&)> change;
};

TEST(FindingsTest, SayNothingAboutNormalFigures) {
  const HealthCase cases[] = {
      {"nothing", [](StatusModel&) {}},
      {"no baseline",
       [](StatusModel& model) {
         for (StatusLayer& layer : model.layers) {
           layer.lower_share = {0.9, kNan};
           layer.dead_units = {12, kNan};
           layer.drift = {};
         }
       }},
      {"no figures", [](StatusModel& model) { model = StatusModel{}; }},
      {"one window above the level", [](StatusModel& model) { model.layers[1].drift.ratio = 1.2; }},
      {"an alarm that is over", [](StatusModel& model) { model.layers[1].drift.alarms = 1; }},
      {"a ReLU whose zeros moved a little",
       [](StatusModel& model) {
         model.layers[1].lower_share = {0.52, 0.49};
       }},
      {"wrong requests",
       [](StatusModel& model) {
         model.refusals = {{"invalid", 9}};
       }},
      {"a value in a thousand out of range",
       [](StatusModel& model) { model.out_of_range_share = 0.001; }},
  };
  for (const HealthCase& one : cases) {
    StatusModel model = HealthyModel();
    one.change(model);
    EXPECT_THAT(FindingsOf(model, kNow), IsEmpty()) << one.what;
  }
}

TEST(FindingsTest, DistinguishAScaleFromAShiftByTheTails) {
  StatusModel scaled = HealthyModel();
  Drift(scaled.layers[0], 9, 3);
  scaled.layers[1].lower_share.value = scaled.layers[1].upper_share.value = 0.3;
  EXPECT_THAT(FindingsOf(scaled, kNow)[0], HasSubstr("inputs are scaled"));

  StatusModel shifted = HealthyModel();
  Drift(shifted.layers[0], 9, 3);
  shifted.layers[1].upper_share.value = 0.3;
  EXPECT_THAT(FindingsOf(shifted, kNow)[0],
              AllOf(HasSubstr("inputs are offset"), Not(HasSubstr("scaled"))));

  // The first window of the inputs is not yet full.
  StatusModel fresh = HealthyModel();
  Drift(fresh.layers[1], 9, 3);
  fresh.layers[1].lower_share.value = fresh.layers[1].upper_share.value = 0.3;
  EXPECT_THAT(FindingsOf(fresh, kNow)[0],
              AllOf(HasSubstr("inputs are scaled"), HasSubstr("have not been judged since")));
}

TEST(FindingsTest, CompareDeadUnitsWithAnotherVersion) {
  StatusModel fresh = HealthyModel();
  for (StatusLayer& layer : fresh.layers) layer.dead_units.reference = kNan;
  fresh.layers[1].dead_units.value = 38;
  EXPECT_THAT(FindingsOf(fresh, kNow),
              ElementsAre("dead units: hidden_1 38 of 64 (no baseline to compare with)"));
  StatusModel other = HealthyModel();
  other.version = "7";
  other.layers[1].dead_units = {1, 0};
  fresh.layers[1].dead_units.value = 9;
  EXPECT_THAT(FindingsOf(fresh, kNow, {}, &other),
              ElementsAre("dead units: hidden_1 9 of 64 (1 in version 7)"));
  other.layers[1].dead_units.value = 6;
  EXPECT_THAT(FindingsOf(fresh, kNow, {}, &other), IsEmpty());
  other.layers[1].units = 65;
  EXPECT_THAT(FindingsOf(fresh, kNow, {}, &other), IsEmpty());
}

TEST(FindingsTest, SayHowManyInputsMovedAndTheDayOfAnOldDrift) {
  StatusModel model = HealthyModel();
  Drift(model.layers[0], 8, 10);
  model.layers[0].drift.above_since = kNow - std::chrono::hours(30);
  model.moved_inputs = {{"x[7]", -2.34}};
  model.clearly_moved_inputs = 3;
  EXPECT_EQ(FindingsOf(model, kNow)[0],
            "inputs (ratio 8.0) drift since 1970-12-31 08:30 UTC; the inputs have changed; 3 of 64 "
            "input values moved, most: x[7] (-2.3 standard deviations)");
}

TEST(FindingsTest, PutTheWorstFirst) {
  StatusModel model = HealthyModel();
  model.out_of_range_share = 0.5;
  model.errors = 3;
  Drift(model.layers[1], 6, 3);
  EXPECT_THAT(FindingsOf(model, kNow),
              ElementsAre(HasSubstr("server's fault"), HasSubstr("drift"), HasSubstr("outside")));
}

TEST(FindingsTest, NameAFewOfManyLayersAndCountTheOthers) {
  StatusModel model = HealthyModel();
  for (int i = 3; i < 100; ++i) model.layers.insert(model.layers.end() - 1, LayerNamed("hidden_n"));
  for (StatusLayer& layer : model.layers) {
    if (layer.name == "inputs" || layer.name == "outputs") continue;
    Drift(layer, 2, 3);
    layer.lower_share.value = 0.5;
  }
  const std::vector<std::string> findings = FindingsOf(model, kNow);
  EXPECT_THAT(findings[0], HasSubstr("and 96 more drift"));
  EXPECT_LT(findings.size(), 10U);
}

TEST(FindingsTest, NameTheInputsThatMovedFirst) {
  StatusModel model = HealthyModel();
  model.layers[1].lower_share.value = 0.41;
  model.layers[1].upper_share.value = 0.41;
  const std::vector<std::string> findings = FindingsOf(model, kNow, {"x[7]", "x[12]"});
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_THAT(findings[0], HasSubstr("; first seen in x[7], x[12]"));
  EXPECT_THAT(findings[1], Not(HasSubstr("first seen")));
}

TEST(PercentTextTest, IsShort) {
  EXPECT_EQ(PercentText(0), "0 %");
  EXPECT_EQ(PercentText(0.00012), "0.012 %");
  EXPECT_EQ(PercentText(0.031), "3.1 %");
  EXPECT_EQ(PercentText(0.0996), "10 %");
  EXPECT_EQ(PercentText(1), "100 %");
}

}  // namespace
}  // namespace mlp
