#include "client/classification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace mlp {
namespace {

Tensor Texts(const std::string& name, std::vector<std::string> texts) {
  Tensor tensor{name, {static_cast<std::int64_t>(texts.size())}, {}, "BYTES"};
  tensor.strings = std::move(texts);
  return tensor;
}

Tensor Integers(const std::string& name, std::vector<std::int64_t> integers) {
  Tensor tensor{name, {static_cast<std::int64_t>(integers.size())}, {}, "INT64"};
  tensor.integers = std::move(integers);
  return tensor;
}

TrueClasses Names(std::vector<std::string> names) { return {{}, std::move(names)}; }
TrueClasses Numbers(std::vector<std::int64_t> numbers) { return {std::move(numbers), {}}; }

// Three rows whose best classes are 0, 1 and 0.
Tensor Scores(const std::string& name) {
  return {name, {3, 2}, {0.9f, 0.1f, 0.2f, 0.8f, 0.6f, 0.4f}};
}

// A model with `names` for the classes of both outputs.
ModelMetadata Named(std::vector<std::string> names) {
  ModelMetadata model;
  model.outputs = {{"label", "BYTES", {-1}, names}, {"p", "FP32", {-1, 2}, names}};
  return model;
}

TEST(ClassificationTest, PrefersProbabilitiesToLogits) {
  InferResult result{"m", "1", {{"other", {1}, {0}}, {"logits", {1}, {0}}}};
  EXPECT_EQ(FindClasses(result, {}).scores->name, "logits");
  ModelMetadata model;
  model.outputs = {{"other", "FP32", {-1}, {"a"}}};
  EXPECT_EQ(FindClasses(result, model).scores->name, "other");
  result.outputs.push_back({"output_probability", {1}, {0}});
  EXPECT_EQ(FindClasses(result, model).scores->name, "output_probability");
  result.outputs.push_back({"probabilities", {1}, {0}});
  EXPECT_EQ(FindClasses(result, model).scores->name, "probabilities");
  result.outputs.resize(1);
  EXPECT_EQ(FindClasses(result, {}).scores, nullptr);
  EXPECT_EQ(FindClasses(result, {}).labels, nullptr);
}

TEST(ClassificationTest, FindsTheLabelsAndTheNames) {
  const InferResult result{"m", "1", {Texts("label", {"a", "b", "a"}), Scores("p")}};
  const ClassifierAnswer answer = FindClasses(result, Named({"a", "b"}));
  EXPECT_EQ(answer.labels, &result.outputs[0]);
  EXPECT_EQ(answer.scores, &result.outputs[1]);
  EXPECT_EQ(answer.BestClass(1), "b");
  EXPECT_FALSE(answer.ScoresTellMore());
  ModelMetadata file = Named({"a", "b"});
  file.outputs[1].class_names = {"ant", "bee"};  // from a label file
  EXPECT_EQ(FindClasses(result, file).BestClass(1), "bee");
  EXPECT_TRUE(FindClasses(result, file).ScoresTellMore());
}

TEST(ClassificationTest, HasNoClassIfEachUnitHasItsOwnDecision) {
  InferResult result{"m", "1", {{"probabilities", {1, 2}, {0, 1}}, {"label", {1, 2}, {}, "INT64"}}};
  result.outputs[1].integers = {0, 1};
  EXPECT_FALSE(FindClasses(result, {}).ScoresTellMore());
  result.outputs.pop_back();
  EXPECT_TRUE(FindClasses(result, {}).ScoresTellMore());
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
  const InferResult result{"m", "1", {Scores("logits")}};
  const ClassifierAnswer answer = FindClasses(result, {});
  EXPECT_EQ(CountRight(answer, Numbers({0, 1, 1})).value(), 2);
  EXPECT_EQ(CountRight(answer, Numbers({0, 1})).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CountRight(answer, Numbers({0, 1, 2})).status().message(),
            "label 2 of row 2; output 'logits' has classes 0 to 1");
  EXPECT_FALSE(CountRight(answer, Numbers({0, -1, 1})).ok());
  EXPECT_EQ(CountRight(answer, Names({"a", "b", "a"})).status().message(),
            "the labels are texts, and output 'logits' has classes 0 to 1 without names");
}

TEST(ClassificationTest, CountsNamesAndLabels) {
  const InferResult result{"m", "1", {Texts("label", {"a", "b", "a"}), Scores("p")}};
  const ClassifierAnswer answer = FindClasses(result, Named({"a", "b"}));
  EXPECT_EQ(CountRight(answer, Names({"a", "b", "b"})).value(), 2);
  EXPECT_EQ(CountRight(answer, Numbers({0, 1, 1})).value(), 2);  // encoded
  EXPECT_EQ(CountRight(answer, Names({"a", "B", "b"})).status().message(),
            "label 'B' of row 1; output 'label' has the classes 'a', 'b'");
  EXPECT_EQ(TrueIndex(answer, Names({"a", "b", "b"}), 2), 1);
  EXPECT_EQ(TrueIndex(answer, Numbers({0, 1, 1}), 2), 1);
  // The names may also come from a label file.
  ModelMetadata file = Named({"a", "b"});
  file.outputs[1].class_names = {"ant", "bee"};
  EXPECT_EQ(CountRight(FindClasses(result, file), Names({"ant", "bee", "bee"})).value(), 2);
}

TEST(ClassificationTest, CountsIntegersByTheLabelsBeforeTheIndices) {
  const InferResult result{"m", "1", {Integers("label", {1, 0, 1}), Scores("p")}};
  const ClassifierAnswer answer = FindClasses(result, Named({"1", "0"}));
  EXPECT_EQ(CountRight(answer, Numbers({1, 0, 0})).value(), 2);
  EXPECT_EQ(TrueIndex(answer, Numbers({1, 0, 0}), 0), 0);
  // Another server does not give names.
  EXPECT_EQ(CountRight(FindClasses(result, {}), Numbers({1, 0, 0})).value(), 2);
  EXPECT_EQ(CountRight(FindClasses(result, {}), Names({"1", "0", "0"})).status().message(),
            "the labels are texts, and output 'label' has integers");
}

TEST(ClassificationTest, FormatsTheAccuracy) {
  EXPECT_EQ(FormatAccuracy(350, 360), "accuracy 350/360 = 97.2 %");
  EXPECT_EQ(FormatAccuracy(0, 1), "accuracy 0/1 = 0.0 %");
  EXPECT_EQ(FormatAccuracy(0, 0), "accuracy 0/0");
}

}  // namespace
}  // namespace mlp
