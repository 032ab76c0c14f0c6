#include "client/answer_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/npy.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

InferResult Classes() {
  return {"m",
          "1",
          {{"logits", {2, 2}, {-1.5f, 10.25f, 3, 0.0004f}},
           {"probabilities", {2, 2}, {0, 1, 0.9375f, 0.0625f}}}};
}

TEST(AnswerWriterTest, AlignsTheTable) {
  const InferResult result = Classes();
  EXPECT_EQ(AnswerTable(result, &result.outputs[1], {1, 1}),
            "row  class  label  logits         probabilities\n"
            "  0      1      1  -1.500 10.250  0.0000 1.0000\n"
            "  1      0      1   3.000  0.000  0.9375 0.0625\n");
  EXPECT_EQ(AnswerTable({"m", "1", {{"y", {2, 1}, {1e-6f, 2e9f}}}}, nullptr, {}),
            "row  y\n"
            "  0  1e-06\n"
            "  1  2e+09\n");
}

TEST(AnswerWriterTest, ShowsTheFirstOfManyValues) {
  const std::string table =
      AnswerTable({"m", "1", {{"y", {1, 1000}, std::vector<float>(1000)}}}, nullptr, {});
  EXPECT_THAT(table, HasSubstr("0 0 ... (1000 values)"));
  EXPECT_LT(table.size(), 200);
}

TEST(AnswerWriterTest, WritesJsonThatGivesTheSameFloatsBack) {
  const std::vector<float> values = {0.1f, -1e-45f, 3.4028235e38f, 16777216.0f, 0.0f, 1.0f / 3.0f};
  const InferResult result{"a\"b\n", "1", {{"x", {2, 3}, values}, {"y", {2}, {1, 2}}}};
  const auto json = nlohmann::json::parse(AnswerJson(result));
  EXPECT_EQ(json["model"], "a\"b\n");
  EXPECT_EQ(json["version"], "1");
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(json["outputs"]["x"][i / 3][i % 3].get<float>(), values[i]);
  }
  EXPECT_EQ(json["outputs"]["y"], nlohmann::json({1, 2}));
}

TEST(AnswerWriterTest, NestsJsonAsTheShapeIs) {
  const InferResult result{"m", "1", {{"x", {1, 2, 1, 2}, {1, 2, 3, 4}}}};
  EXPECT_EQ(nlohmann::json::parse(AnswerJson(result))["outputs"]["x"].dump(),
            "[[[[1,2]],[[3,4]]]]");
}

TEST(AnswerWriterTest, WritesNullForWhatJsonLacks) {
  const InferResult result{"m", "1", {{"x", {3}, {NAN, INFINITY, -INFINITY}}}};
  EXPECT_EQ(nlohmann::json::parse(AnswerJson(result))["outputs"]["x"].dump(), "[null,null,null]");
}

TEST(AnswerWriterTest, WritesOneOutputAsNpy) {
  InferResult result = Classes();
  EXPECT_THAT(std::string(AnswerNpy(result).status().message()),
              HasSubstr("2 (logits, probabilities); name one with --outputs"));
  result.outputs.resize(1);
  const auto array = ReadNpyFloats(AnswerNpy(result).value()).value();
  EXPECT_EQ(array.shape, result.outputs[0].shape);
  EXPECT_EQ(array.values, result.outputs[0].values);
}

}  // namespace
}  // namespace mlp
