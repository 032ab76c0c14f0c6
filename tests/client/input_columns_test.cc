#include "client/input_columns.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace mlp {
namespace {

// The kinds of the first eight columns: "n" for numbers and "t" for texts.
std::string KindsOf(const std::vector<TensorMetadata>& inputs) {
  const TextColumns columns = TextColumnsOf(ModelMetadata{"m", "", {}, "", inputs, {}});
  std::string kinds;
  for (std::int64_t column = 0; column < 8; ++column) kinds += columns.Has(column) ? 't' : 'n';
  return kinds;
}

TEST(InputColumnsTest, FindsTheColumnsOfTexts) {
  const TensorMetadata age{"age", "FP32", {-1}};
  const TensorMetadata city{"city", "BYTES", {-1, 1}};
  const TensorMetadata tags{"tags", "BYTES", {-1, 1, 2}};
  EXPECT_EQ(KindsOf({age}), "nnnnnnnn");
  EXPECT_EQ(KindsOf({city}), "tttttttt");  // the server judges their number
  EXPECT_EQ(KindsOf({city, age}), "tnnnnnnn");
  EXPECT_EQ(KindsOf({age, tags, age, city}), "nttntnnn");
  EXPECT_EQ(KindsOf({tags, city}), "tttnnnnn");
  EXPECT_EQ(KindsOf({}), "nnnnnnnn");
}

TEST(InputColumnsTest, FindsNoColumnAfterAnInputOfUnknownWidth) {
  EXPECT_EQ(KindsOf({{"a", "BYTES", {-1}}, {"b", "FP32", {-1, -1}}, {"c", "BYTES", {-1}}}),
            "tnnnnnnn");
}

TEST(InputColumnsTest, ComputesWidths) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(WidthOf({"x", "FP32", {-1}}), 1);
  EXPECT_EQ(WidthOf({"x", "FP32", {-1, 2, 3}}), 6);
  EXPECT_EQ(WidthOf({"x", "FP32", {-1, -1}}), std::nullopt);
  EXPECT_EQ(WidthOf({"x", "FP32", {-1, kMax, 2}}), std::nullopt);
  EXPECT_EQ(WidthOf({"x", "FP32", {}}), std::nullopt);
}

}  // namespace
}  // namespace mlp
