#include "client/classification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {
namespace {

TEST(ClassificationTest, PrefersProbabilitiesToLogits) {
  InferResult result{"m", "1", {{"other", {1}, {0}}, {"logits", {1}, {0}}}};
  EXPECT_EQ(FindClassScores(result)->name, "logits");
  result.outputs.push_back({"probabilities", {1}, {0}});
  EXPECT_EQ(FindClassScores(result)->name, "probabilities");
  result.outputs.resize(1);
  EXPECT_EQ(FindClassScores(result), nullptr);
}

struct ArgMaxCase {
  std::vector<float> scores;
  std::int64_t expected;
};

TEST(ClassificationTest, FindsTheFirstLargestScore) {
  for (const ArgMaxCase& c : std::vector<ArgMaxCase>{{{5}, 0},
                                                     {{1, 3, 2}, 1},
                                                     {{1, 3, 3}, 1},
                                                     {{-INFINITY, -1e30f}, 1},
                                                     {{NAN, 1, 2}, 2},
                                                     {{1, NAN, 0}, 0},
                                                     {{NAN, NAN}, 0}}) {
    EXPECT_EQ(ArgMax(c.scores), c.expected) << ::testing::PrintToString(c.scores);
  }
}

TEST(ClassificationTest, CountsTheRowsThatAreRight) {
  const Tensor scores{"p", {3, 2}, {0.9f, 0.1f, 0.2f, 0.8f, 0.6f, 0.4f}};
  EXPECT_EQ(CountRight(scores, {0, 1, 1}).value(), 2);
  EXPECT_EQ(CountRight(scores, {0, 1}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CountRight(scores, {0, 1, 2}).status().message(),
            "label 2 of row 2; output 'p' has classes 0 to 1");
  EXPECT_FALSE(CountRight(scores, {0, -1, 1}).ok());
}

TEST(ClassificationTest, FormatsTheAccuracy) {
  EXPECT_EQ(FormatAccuracy(350, 360), "accuracy 350/360 = 97.2 %");
  EXPECT_EQ(FormatAccuracy(0, 1), "accuracy 0/1 = 0.0 %");
}

}  // namespace
}  // namespace mlp
