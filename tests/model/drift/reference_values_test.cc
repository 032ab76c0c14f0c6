#include "model/drift/reference_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "model/drift/output_form.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;

TEST(ValueSumsTest, OmitNonFiniteValuesAndKeepDigitsOfLargeOnes) {
  ValueSums sums(4);
  const float nan = std::nanf("");
  constexpr float kUnbounded = std::numeric_limits<float>::infinity();
  sums.Add(0, {{1e6F, 1.0F, nan, 5.0F}});
  sums.Add(0, {{1e6F + 1, 3.0F, nan, 5.0F}});
  sums.Add(0, {{1e6F + 2, kUnbounded, nan, 5.0F}});
  const ValueReference reference = sums.Reference();
  EXPECT_THAT(reference.center, ElementsAre(1e6F + 1, 2.0F, 0.0F, 5.0F));
  const float deviation = std::sqrt(2.0F / 3);
  EXPECT_FLOAT_EQ(reference.scale[0], deviation);
  EXPECT_FLOAT_EQ(reference.scale[1], 1.0F);
  EXPECT_FLOAT_EQ(reference.scale[3], 0.1F * std::sqrt((2.0F / 3 + 1) / 4));
  EXPECT_EQ(reference.maximum[1], 3.0F);
  EXPECT_EQ(reference.minimum[2], std::numeric_limits<float>::lowest());
  EXPECT_EQ(reference.maximum[2], std::numeric_limits<float>::max());
}

TEST(ClassSumsTest, JudgesTheMostFrequentClassesInTheirOrder) {
  OutputForm form;
  form.scores = OutputScores::kProbabilities;
  form.width = form.classes = 70;
  ClassSums sums(form);
  for (std::size_t i = 0; i < 70; ++i) {
    std::vector<float> one(70);
    one[i] = 1.0F;
    // The first six classes are rarer than the others. The last one has a share below 0.5 %.
    for (int k = 0; k < (i == 69 ? 1 : i < 6 ? 5 : 6); ++k) sums.Add(one);
  }
  const ClassReference reference = sums.Reference();
  ASSERT_EQ(reference.judged.size(), 64U);
  EXPECT_EQ(reference.judged[0], 0);
  EXPECT_EQ(reference.judged[1], 6);
  EXPECT_EQ(reference.judged.back(), 68);
  EXPECT_DOUBLE_EQ(reference.share[69], 1.0 / (6 * 5 + 63 * 6 + 1));
}

}  // namespace
}  // namespace mlp
