#include "server/rpc/answer_strings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;

TEST(BestUnitsTest, AreInTheOrderOfTheirValuesAndThenOfTheirIndices) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(BestUnits({0.5F, nan, 2.0F, 0.5F}, 4, {}),
              ElementsAre("2.000000:2", "0.500000:0", "0.500000:3", "nan:1"));
  const std::vector<std::string> labels = {"zero", "one"};
  EXPECT_THAT(BestUnits({1.0F, 3.0F}, 2, ClassNames{labels, {}}),
              ElementsAre("3.000000:1:one", "1.000000:0:zero"));
  const std::vector<std::int64_t> integers = {-1, 1};
  EXPECT_THAT(BestUnits({1.0F, 3.0F}, 2, ClassNames{{}, integers}),
              ElementsAre("3.000000:1:1", "1.000000:0:-1"));
}

TEST(BestUnitsTest, AreTheFirstOfAllForAnyRequestedNumber) {
  std::mt19937 random(5);
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<float>(random() % 100));
  const std::vector<std::string> all = BestUnits(values, 1000, {});
  for (const std::int64_t best : {1, 2, 16, 62, 63, 500}) {
    EXPECT_EQ(BestUnits(values, best, {}),
              std::vector<std::string>(all.begin(), all.begin() + best))
        << best;
  }
}

TEST(BestUnitsTest, AreWrittenAsPrintfWritesThem) {
  std::mt19937 random(3);
  std::vector<float> values = {0.0F,
                               -0.0F,
                               1e-30F,
                               std::numeric_limits<float>::max(),
                               -std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity()};
  for (int i = 0; i < 2000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    float value = 0;
    static_assert(sizeof(value) == sizeof(bits));
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isnan(value)) values.push_back(value);
  }
  for (const float value : values) {
    EXPECT_THAT(BestUnits({value}, 1, {}), ElementsAre(absl::StrFormat("%f:0", value)));
  }
}

}  // namespace
}  // namespace mlp
