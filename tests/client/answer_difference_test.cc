#include "client/answer_difference.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace mlp {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct DifferenceCase {
  const char* name;
  std::int64_t width;
  OutputKind kind;
  std::vector<float> reference;
  std::vector<float> other;
  double largest;
  double mean;
  double changed_share;
};

void PrintTo(const DifferenceCase& difference, std::ostream* out) { *out << difference.name; }

class AnswerDifferenceTest : public ::testing::TestWithParam<DifferenceCase> {};

TEST_P(AnswerDifferenceTest, ComparesValuesAndClasses) {
  const DifferenceCase& expected = GetParam();
  NetworkOutput output;
  output.kind = expected.kind;
  AnswerDifference difference(output, expected.width);
  difference.Add(expected.reference, expected.other);
  EXPECT_EQ(difference.rows() * expected.width,
            static_cast<std::int64_t>(expected.reference.size()));
  EXPECT_EQ(difference.largest(), expected.largest);
  EXPECT_EQ(difference.mean(), expected.mean);
  EXPECT_EQ(difference.changed_share(), expected.changed_share);
}

INSTANTIATE_TEST_SUITE_P(
    All, AnswerDifferenceTest,
    ::testing::Values(
        DifferenceCase{"NoRows", 2, OutputKind::kValues, {}, {}, 0.0, 0.0, 0.0},
        DifferenceCase{"Same", 2, OutputKind::kValues, {1, 2}, {1, 2}, 0.0, 0.0, 0.0},
        DifferenceCase{"SameClass", 2, OutputKind::kValues, {1, 2}, {1.5F, 3}, 1.0, 0.75, 0.0},
        DifferenceCase{
            "AnotherClass", 2, OutputKind::kValues, {1, 2, 1, 2}, {1, 2, 3, 2}, 2.0, 0.5, 0.5},
        DifferenceCase{"OneUnit", 1, OutputKind::kValues, {1, 2}, {1, -2}, 4.0, 2.0, 0.0},
        DifferenceCase{"SameDecisions",
                       2,
                       OutputKind::kDecisions,
                       {0.625F, 0},
                       {0.875F, 0.25F},
                       0.25,
                       0.25,
                       0.0},
        DifferenceCase{"OtherDecisions", 1, OutputKind::kDecisions, {0.25F}, {0.75F}, 0.5, 0.5, 1},
        DifferenceCase{"BothNan", 2, OutputKind::kValues, {kNan, 1}, {kNan, 1}, 0.0, 0.0, 0.0},
        DifferenceCase{
            "BothInfinite", 1, OutputKind::kValues, {kInfinity}, {kInfinity}, 0.0, 0.0, 0.0},
        DifferenceCase{"OneNan", 1, OutputKind::kValues, {kNan}, {1}, kInfinity, kInfinity, 0.0},
        DifferenceCase{"OppositeInfinities",
                       1,
                       OutputKind::kValues,
                       {kInfinity},
                       {-kInfinity},
                       kInfinity,
                       kInfinity,
                       0.0}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(AnswerDifferenceClassesTest, AreReportedForSeveralValuesOrDecisions) {
  NetworkOutput values;
  NetworkOutput decisions;
  decisions.kind = OutputKind::kDecisions;
  EXPECT_TRUE(AnswerDifference(values, 2).has_classes());
  EXPECT_FALSE(AnswerDifference(values, 1).has_classes());
  EXPECT_TRUE(AnswerDifference(decisions, 1).has_classes());
}

}  // namespace
}  // namespace mlp
