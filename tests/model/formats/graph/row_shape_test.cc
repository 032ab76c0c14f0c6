#include "model/formats/graph/row_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// The row's shape, or nothing if it is refused.
using Expected = std::optional<RowShape>;

void ExpectShape(const absl::StatusOr<RowShape>& shape, const Expected& expected) {
  ASSERT_EQ(shape.ok(), expected.has_value()) << shape.status();
  if (expected.has_value()) {
    EXPECT_EQ(*shape, *expected);
  } else {
    EXPECT_EQ(shape.status().code(), absl::StatusCode::kUnimplemented);
  }
}

struct ReshapeCase {
  const char* name;
  RowShape row;
  std::vector<std::int64_t> target;
  Expected expected;
  bool zero_is_a_size = false;
};

void PrintTo(const ReshapeCase& value, std::ostream* stream) { *stream << value.name; }

class ReshapedTest : public ::testing::TestWithParam<ReshapeCase> {};

TEST_P(ReshapedTest, KeepsEachRowARow) {
  const auto& [name, row, target, expected, zero_is_a_size] = GetParam();
  ExpectShape(Reshaped(row, target, zero_is_a_size), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Accepted, ReshapedTest,
    ::testing::Values(ReshapeCase{"BatchInferred", {2, 3}, {-1, 6}, RowShape{6}},
                      ReshapeCase{"BatchCopied", {2, 3}, {0, 6}, RowShape{6}},
                      ReshapeCase{"BatchComputed", {2, 3}, {kBatchSize, 6}, RowShape{6}},
                      ReshapeCase{"RestInferred", {2, 3}, {0, -1}, RowShape{6}},
                      ReshapeCase{
                          "RestInferredBesideComputedBatch", {2, 3}, {kBatchSize, -1}, RowShape{6}},
                      ReshapeCase{"MiddleInferred", {24}, {0, 2, -1, 3}, RowShape{2, 4, 3}},
                      ReshapeCase{"InferredToOne", {6}, {0, 6, -1}, RowShape{6, 1}},
                      ReshapeCase{"RestCopied", {2, 3}, {0, 0, 0}, RowShape{2, 3}},
                      ReshapeCase{"FirstCopiedRestInferred", {2, 3}, {0, 0, -1}, RowShape{2, 3}},
                      ReshapeCase{"OneValueToNoDimension", {1}, {-1}, RowShape{}},
                      ReshapeCase{"NoDimensionToOneValue", {}, {-1, 1}, RowShape{1}},
                      ReshapeCase{"ZeroIsASizeUnused", {2, 3}, {-1, 6}, RowShape{6}, true}),
    [](const auto& shape) { return std::string(shape.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Refused, ReshapedTest,
    ::testing::Values(ReshapeCase{"RowsSplit", {3}, {-1, 1}, std::nullopt},
                      ReshapeCase{"RowsJoined", {3}, {-1, 6}, std::nullopt},
                      ReshapeCase{"RowsFlattened", {3}, {-1}, std::nullopt},
                      // Of several rows these would make a single one.
                      ReshapeCase{"OneRow", {3}, {1, -1}, std::nullopt},
                      ReshapeCase{"OneRowOfSize", {3}, {1, 3}, std::nullopt},
                      ReshapeCase{"FixedRows", {3}, {7, 3}, std::nullopt},
                      ReshapeCase{"NoTarget", {3}, {}, std::nullopt},
                      ReshapeCase{"InferredTwice", {6}, {0, -1, -1}, std::nullopt},
                      ReshapeCase{"BatchAndRestInferred", {6}, {-1, -1}, std::nullopt},
                      ReshapeCase{"BatchAndDimensionInferred", {6}, {-1, 2, -1}, std::nullopt},
                      ReshapeCase{"NotDivisible", {6}, {0, 4, -1}, std::nullopt},
                      ReshapeCase{"TooFew", {6}, {0, 5}, std::nullopt},
                      ReshapeCase{"TooMany", {6}, {0, 7}, std::nullopt},
                      ReshapeCase{"CopiedBeyondTheRow", {6}, {0, 6, 0}, std::nullopt},
                      ReshapeCase{"Empty", {6}, {0, 0}, std::nullopt, true},
                      ReshapeCase{"NoRows", {6}, {0, 6}, std::nullopt, true},
                      ReshapeCase{"Negative", {6}, {0, -2, -3}, std::nullopt},
                      ReshapeCase{"BatchWithinTheRow", {6}, {0, kBatchSize}, std::nullopt},
                      // Products that overflow 64 bits.
                      ReshapeCase{"Huge", {6}, {0, kMax, kMax}, std::nullopt},
                      ReshapeCase{
                          "OverflowsToZero", {6}, {0, std::int64_t{1} << 62, 4, 6}, std::nullopt},
                      ReshapeCase{"Least", {6}, {kSmallest + 1, 6}, std::nullopt}),
    [](const auto& shape) { return std::string(shape.param.name); });

TEST(ReshapeRefusalTest, NamesBothShapes) {
  const auto refused = Reshaped({2, 3}, {kBatchSize, 7}, false);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("rows of shape [2,3] cannot be reshaped to [-1,7]"));
}

struct AxisCase {
  RowShape row;
  std::int64_t axis;
  Expected expected;
};

TEST(FlattenedTest, JoinsOnlyTheDimensionsOfARow) {
  for (const auto& [row, axis, expected] : std::vector<AxisCase>{{{2, 3}, 1, RowShape{6}},
                                                                 {{2, 3}, -2, RowShape{6}},
                                                                 {{6}, 1, RowShape{6}},
                                                                 {{6}, -1, RowShape{6}},
                                                                 {{}, 1, RowShape{1}},
                                                                 // [1,batch]
                                                                 {{}, 0, std::nullopt},
                                                                 {{}, -1, std::nullopt},
                                                                 {{2, 3}, 0, std::nullopt},
                                                                 {{2, 3}, 2, std::nullopt},
                                                                 {{2, 3}, -1, std::nullopt},
                                                                 {{2, 3}, -3, std::nullopt},
                                                                 {{2, 3}, kSmallest, std::nullopt},
                                                                 {{2, 3}, kMax, std::nullopt}}) {
    SCOPED_TRACE(axis);
    ExpectShape(Flattened(row, axis), expected);
  }
}

struct SqueezeCase {
  RowShape row;
  std::vector<std::int64_t> axes;
  Expected expected;
};

TEST(SqueezedTest, RemovesOnlyOnesAndNeverTheBatch) {
  for (const auto& [row, axes, expected] :
       std::vector<SqueezeCase>{{{1, 6}, {1}, RowShape{6}},
                                {{6, 1}, {-1}, RowShape{6}},
                                {{1, 6, 1}, {1, 3}, RowShape{6}},
                                {{1, 6, 1}, {3, -3}, RowShape{6}},
                                {{1}, {1}, RowShape{}},
                                {{1, 6}, {1, 1}, RowShape{6}},
                                {{6}, {}, RowShape{6}},
                                {{1, 6}, {0}, std::nullopt},
                                {{1, 6}, {-3}, std::nullopt},
                                {{1, 6}, {2}, std::nullopt},
                                {{1, 6}, {3}, std::nullopt},
                                {{1, 6}, {-4}, std::nullopt},
                                {{1, 6}, {kSmallest}, std::nullopt},
                                {{1, 6}, {kMax}, std::nullopt}}) {
    SCOPED_TRACE(::testing::PrintToString(axes));
    ExpectShape(Squeezed(row, axes), expected);
  }
}

}  // namespace
}  // namespace mlp
