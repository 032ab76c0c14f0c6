#include "client/answer_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
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
  EXPECT_EQ(AnswerTable(result, {}, FindClasses(result, {}), {{1, 1}, {}}),
            "row  class  label  logits         probabilities\n"
            "  0      1      1  -1.500 10.250  0.0000 1.0000\n"
            "  1      0      1   3.000  0.000  0.9375 0.0625\n");
  EXPECT_EQ(AnswerTable({"m", "1", {{"y", {2, 1}, {1e-6f, 2e9f}}}}, {}, {}, {}),
            "row  y\n"
            "  0  1e-06\n"
            "  1  2e+09\n");
}

TEST(AnswerWriterTest, ShowsTheFirstOfManyValues) {
  const std::string table =
      AnswerTable({"m", "1", {{"y", {1, 1000}, std::vector<float>(1000)}}}, {}, {}, {});
  EXPECT_THAT(table, HasSubstr("0 0 ... (1000 values)"));
  EXPECT_LT(table.size(), 200);
}

TEST(AnswerWriterTest, WritesJsonThatReadsBackAsTheSameFloats) {
  const std::vector<float> values = {0.1f, -1e-45f, 3.4028235e38f, 16777216.0f, 0.0f, 1.0f / 3.0f};
  const InferResult result{"a\"b\n", "1", {{"x", {2, 3}, values}, {"y", {2}, {1, 2}}}};
  const auto json = nlohmann::json::parse(AnswerJson(result, {}));
  EXPECT_EQ(json["model"], "a\"b\n");
  EXPECT_EQ(json["version"], "1");
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(json["outputs"]["x"][i / 3][i % 3].get<float>(), values[i]);
  }
  EXPECT_EQ(json["outputs"]["y"], nlohmann::json({1, 2}));
}

TEST(AnswerWriterTest, NestsJsonAsTheShapeIs) {
  const InferResult result{"m", "1", {{"x", {1, 2, 1, 2}, {1, 2, 3, 4}}}};
  EXPECT_EQ(nlohmann::json::parse(AnswerJson(result, {}))["outputs"]["x"].dump(),
            "[[[[1,2]],[[3,4]]]]");
}

TEST(AnswerWriterTest, WritesNullForValuesThatJsonLacks) {
  const InferResult result{"m", "1", {{"x", {3}, {NAN, INFINITY, -INFINITY}}}};
  EXPECT_EQ(nlohmann::json::parse(AnswerJson(result, {}))["outputs"]["x"].dump(),
            "[null,null,null]");
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

// The answer of a flower classifier that skl2onnx exported.
InferResult Flowers() {
  InferResult result{
      "iris",
      "1",
      {{"output_label", {2}, {}, "BYTES"}, {"output_probability", {2, 2}, {0.25f, 0.75f, 1, 0}}}};
  result.outputs[0].strings = {"wild, \"red\"", "rose é"};
  return result;
}

ModelMetadata FlowerModel() {
  ModelMetadata model;
  const std::vector<std::string> names = {"rose é", "wild, \"red\""};
  model.outputs = {{"output_label", "BYTES", {-1}, names},
                   {"output_probability", "FP32", {-1, 2}, names}};
  return model;
}

TEST(AnswerWriterTest, HasAColumnForEachClassWithAName) {
  const InferResult result = Flowers();
  EXPECT_EQ(AnswerTable(result, FlowerModel(), FindClasses(result, FlowerModel()),
                        {{}, {"rose é", "rose é"}}),
            "row  label   output_label  output_probability:  rose é  wild, \"red\"\n"
            "  0  rose é  wild, \"red\"                        0.2500       0.7500\n"
            "  1  rose é  rose é                             1.0000       0.0000\n");
}

TEST(AnswerWriterTest, DistinguishesTrueLabelsFromAnOutputOfThatName) {
  InferResult result{"m", "1", {{"label", {1}, {}, "INT64"}}};
  result.outputs[0].integers = {7};
  EXPECT_EQ(AnswerTable(result, {}, FindClasses(result, {}), {{8}, {}}),
            "row  true label  label\n"
            "  0           8  7\n");
}

TEST(AnswerWriterTest, EscapesControlCharactersInNames) {
  InferResult result = Flowers();
  result.outputs[0].strings[0] = "\x1b[2J";
  ModelMetadata model = FlowerModel();
  model.outputs[1].class_names[0] = "\x1b]0;";
  const std::string table = AnswerTable(result, model, FindClasses(result, model), {});
  EXPECT_EQ(table.find('\x1b'), std::string::npos) << table;
}

TEST(AnswerWriterTest, WritesJsonOfTextsAndIntegersWithTheClasses) {
  InferResult result = Flowers();
  result.outputs.push_back({"big", {2, 1}, {}, "INT64"});
  result.outputs[2].integers = {INT64_MAX, -1};
  const auto json = nlohmann::json::parse(AnswerJson(result, FlowerModel()));
  EXPECT_EQ(json["outputs"]["output_label"], nlohmann::json({"wild, \"red\"", "rose é"}));
  EXPECT_EQ(json["outputs"]["big"].dump(), "[[9223372036854775807],[-1]]");
  EXPECT_EQ(json["classes"]["output_probability"], nlohmann::json({"rose é", "wild, \"red\""}));
  EXPECT_EQ(json["classes"].size(), 1U);
}

TEST(AnswerWriterTest, WritesCsvWithColumnsNamedForTheClasses) {
  InferResult result = Flowers();
  result.outputs.push_back({"x", {2, 2}, {0.1f, NAN, INFINITY, 2}});
  EXPECT_EQ(
      AnswerCsv(result, FlowerModel()),
      "output_label,output_probability:rose é,\"output_probability:wild, \"\"red\"\"\",x:0,x:1\n"
      "\"wild, \"\"red\"\"\",0.25,0.75,0.1,\n"
      "rose é,1,0,inf,2\n");
}

TEST(AnswerWriterTest, WritesTextsAsNpy) {
  InferResult result = Flowers();
  result.outputs.resize(1);
  const auto array = ReadNpyStrings(AnswerNpy(result).value()).value();
  EXPECT_EQ(array.shape, result.outputs[0].shape);
  EXPECT_EQ(array.values, result.outputs[0].strings);
}

TEST(AnswerWriterTest, WritesAnEmptyAnswer) {
  InferResult result{"m", "1", {{"label", {0}, {}, "BYTES"}, {"probabilities", {0, 2}, {}}}};
  EXPECT_EQ(AnswerTable(result, {}, FindClasses(result, {}), {}), "row  label  probabilities\n");
  EXPECT_EQ(AnswerCsv(result, {}), "label,probabilities:0,probabilities:1\n");
  EXPECT_EQ(nlohmann::json::parse(AnswerJson(result, {}))["outputs"]["label"].dump(), "[]");
  result.outputs.resize(1);
  EXPECT_EQ(ReadNpyStrings(AnswerNpy(result).value()).value().shape,
            (std::vector<std::int64_t>{0}));
}

}  // namespace
}  // namespace mlp
