#include "server/rest/infer_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using inference::ModelInferResponse;
using ::testing::HasSubstr;

template <typename Element>
void AddOutput(const std::string& name, const std::string& datatype,
               const std::vector<Element>& values, ModelInferResponse& response) {
  auto& output = *response.add_outputs();
  output.set_name(name);
  output.set_datatype(datatype);
  output.add_shape(static_cast<std::int64_t>(values.size()));
  response.add_raw_output_contents(values.data(), values.size() * sizeof(Element));
}

ModelInferResponse Response() {
  ModelInferResponse response;
  response.set_model_name("m");
  response.set_model_version("3");
  return response;
}

std::string JsonOf(const ModelInferResponse& response) {
  const auto answer = WriteInferAnswer(response, {});
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? answer->body : "";
}

TEST(InferAnswerTest, FollowsTheProtocol) {
  ModelInferResponse response = Response();
  response.set_id("a\"\\\n\x7f\xff€");
  AddOutput<float>("y", "FP32", {1.0F, -0.1F, 1e20F, 16777216.0F}, response);
  AddOutput<std::int64_t>("l", "INT64", {std::numeric_limits<std::int64_t>::min(), 7}, response);
  EXPECT_EQ(
      JsonOf(response),
      "{\"model_name\":\"m\",\"model_version\":\"3\",\"id\":\"a\\\"\\\\\\u000a\\u007f\ufffd€\","
      "\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[4],"
      "\"data\":[1,-0.1,1e+20,16777216]},{\"name\":\"l\",\"datatype\":\"INT64\",\"shape\":[2],"
      "\"data\":[-9223372036854775808,7]}]}");
}

TEST(InferAnswerTest, HasTheParametersOfTheAnswerByTheirNames) {
  ModelInferResponse response = Response();
  auto& parameters = *response.mutable_parameters();
  parameters["b"].set_double_param(0.25);
  parameters["a\""].set_int64_param(-3);
  parameters["d"].set_bool_param(true);
  parameters["c"].set_string_param("x\n");
  parameters["e"];
  AddOutput<float>("y", "FP32", {1.0F}, response);
  EXPECT_EQ(JsonOf(response),
            "{\"model_name\":\"m\",\"model_version\":\"3\",\"parameters\":{\"a\\\"\":-3,\"b\":0.25,"
            "\"c\":\"x\\u000a\",\"d\":true,\"e\":null},\"outputs\":[{\"name\":\"y\",\"datatype\":"
            "\"FP32\","
            "\"shape\":[1],\"data\":[1]}]}");
}

TEST(InferAnswerTest, ReportsValuesThatJsonCannotExpress) {
  ModelInferResponse response = Response();
  const float infinite = std::numeric_limits<float>::infinity();
  AddOutput<float>("y", "FP32", {std::nanf(""), infinite, -infinite, 1}, response);
  AddOutput<float>("z", "FP32", {std::nanf("")}, response);
  AddOutput<std::uint16_t>("h", "FP16", {0x7c00, 0x3c00}, response);
  const std::string json = JsonOf(response);
  EXPECT_THAT(json, HasSubstr(R"("parameters":{"infinite_values":2},"data":[null,null,null,1])"));
  EXPECT_THAT(json, HasSubstr(R"("name":"z","datatype":"FP32","shape":[1],"data":[null])"));
  EXPECT_THAT(json, HasSubstr(R"("parameters":{"infinite_values":1},"data":[null,1])"));
}

TEST(InferAnswerTest, WritesTexts) {
  ModelInferResponse response = Response();
  auto& output = *response.add_outputs();
  output.set_name("y");
  output.set_datatype("BYTES");
  output.add_shape(2);
  response.add_raw_output_contents(std::string("\1\0\0\0a\0\0\0\0", 9));
  EXPECT_THAT(JsonOf(response), HasSubstr(R"("data":["a",""])"));
  response.set_raw_output_contents(0, std::string("\2\0\0\0a", 5));
  EXPECT_EQ(WriteInferAnswer(response, {}).status().code(), absl::StatusCode::kInternal);
}

TEST(InferAnswerTest, PutsBinaryValuesBehindTheJson) {
  ModelInferResponse response = Response();
  AddOutput<float>("y", "FP32", {1, 2}, response);
  AddOutput<std::int8_t>("z", "INT8", {5}, response);
  AddOutput<std::uint8_t>("b", "BOOL", {1, 0}, response);
  AnswerForm form;
  form.binary = true;
  form.outputs = {{"z", false}};
  const auto answer = WriteInferAnswer(response, form);
  ASSERT_TRUE(answer.ok() && answer->json_bytes) << answer.status();
  const std::string json = answer->body.substr(0, *answer->json_bytes);
  EXPECT_THAT(json, HasSubstr(R"("name":"y","datatype":"FP32","shape":[2],)"
                              R"("parameters":{"binary_data_size":8}})"));
  EXPECT_THAT(json, HasSubstr(R"("shape":[1],"data":[5]})"));
  EXPECT_EQ(answer->body.substr(*answer->json_bytes),
            response.raw_output_contents(0) + response.raw_output_contents(2));
}

// What the writer of answers writes, the reader of requests reads bit for bit.
template <typename Element>
void ExpectRoundTrip(const std::string& datatype, const std::vector<Element>& values) {
  ModelInferResponse response = Response();
  AddOutput("x", datatype, values, response);
  std::string body = JsonOf(response);
  ASSERT_LE(static_cast<std::int64_t>(body.size()),
            MostAnswerBytes(static_cast<std::int64_t>(response.ByteSizeLong())));
  // The outputs of an answer become the inputs of a request.
  const std::size_t at = body.find("\"outputs\"");
  ASSERT_NE(at, std::string::npos);
  body.replace(at, 9, "\"inputs\"");
  inference::ModelInferRequest request;
  AnswerForm form;
  const absl::Status status = ReadInferBody(body, std::nullopt, request, form);
  ASSERT_TRUE(status.ok()) << datatype << ": " << status;
  EXPECT_EQ(request.raw_input_contents(0), response.raw_output_contents(0)) << datatype;
}

TEST(InferAnswerTest, PreservesRandomTensorsBitForBit) {
  std::mt19937_64 random(20261129);  // NOLINT(cert-msc51-cpp)
  for (int round = 0; round < 50; ++round) {
    std::vector<float> floats;
    std::vector<double> doubles;
    std::vector<std::uint16_t> halves;
    std::vector<std::int64_t> integers;
    std::vector<std::uint64_t> naturals;
    std::vector<std::int8_t> small;
    while (floats.size() < 2'000) {
      const std::uint64_t bits = random();
      float value = 0;
      std::memcpy(&value, &bits, sizeof(value));
      if (!std::isfinite(value)) continue;
      floats.push_back(value);
      double wide = 0;
      std::memcpy(&wide, &bits, sizeof(wide));
      doubles.push_back(std::isfinite(wide) ? wide : 0.0);
      const auto half = static_cast<std::uint16_t>(bits >> 40);
      halves.push_back((half & 0x7c00) == 0x7c00 ? std::uint16_t{0} : half);
      integers.push_back(static_cast<std::int64_t>(bits));
      naturals.push_back(bits);
      small.push_back(static_cast<std::int8_t>(bits));
    }
    ExpectRoundTrip("FP32", floats);
    ExpectRoundTrip("FP64", doubles);
    ExpectRoundTrip("FP16", halves);
    ExpectRoundTrip("INT64", integers);
    ExpectRoundTrip("UINT64", naturals);
    ExpectRoundTrip("INT8", small);
  }
}

TEST(InferAnswerTest, PreservesEveryBfloat16) {
  std::vector<std::uint16_t> all;
  for (int bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if ((half & 0x7f80) != 0x7f80) all.push_back(half);
  }
  ExpectRoundTrip("BF16", all);
}

}  // namespace
}  // namespace mlp
