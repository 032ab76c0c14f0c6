#include "client/infer_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/client/fake_server.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(InferMessagesTest, SendsRawLittleEndianRows) {
  const ModelMetadata model{"m", "2", {}, "", {{"x", "FP32", {-1, 2}}}, {}};
  const auto request = MakeInferRequest(model, 1, {1.0f, -2.0f}, {"a", "b"}).value();
  EXPECT_EQ(request.model_name(), "m");
  EXPECT_EQ(request.model_version(), "2");
  ASSERT_EQ(request.inputs_size(), 1);
  EXPECT_EQ(request.inputs(0).name(), "x");
  EXPECT_EQ(request.inputs(0).datatype(), "FP32");
  EXPECT_THAT(request.inputs(0).shape(), ElementsAre(1, 2));
  EXPECT_FALSE(request.inputs(0).has_contents());
  EXPECT_THAT(request.raw_input_contents(),
              ElementsAre(std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8)));
  ASSERT_EQ(request.outputs_size(), 2);
  EXPECT_EQ(request.outputs(1).name(), "b");
}

// The value of `datatype` for "two" and "one": raw, and typed if there is a typed form.
struct DatatypeCase {
  const char* datatype;
  std::string raw;
  std::function<void(inference::InferTensorContents&)> add_typed;
};

std::vector<DatatypeCase> Datatypes() {
  const auto little = [](int bytes) {
    std::string both(2 * static_cast<std::size_t>(bytes), '\0');
    both[0] = 2;
    both[static_cast<std::size_t>(bytes)] = 1;
    return both;
  };
  using Contents = inference::InferTensorContents;
  const auto ints = [](Contents& contents) {
    contents.add_int_contents(2);
    contents.add_int_contents(1);
  };
  const auto uints = [](Contents& contents) {
    contents.add_uint_contents(2);
    contents.add_uint_contents(1);
  };
  return {{"FP16", std::string("\0\x40\0\x3c", 4), nullptr},
          {"BF16", std::string("\0\x40\x80\x3f", 4), nullptr},
          {"FP32", std::string("\0\0\0\x40\0\0\x80\x3f", 8),
           [](Contents& contents) {
             contents.add_fp32_contents(2);
             contents.add_fp32_contents(1);
           }},
          {"FP64", std::string("\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\xf0\x3f", 16),
           [](Contents& contents) {
             contents.add_fp64_contents(2);
             contents.add_fp64_contents(1);
           }},
          {"INT8", little(1), ints},
          {"INT16", little(2), ints},
          {"INT32", little(4), ints},
          {"INT64", little(8),
           [](Contents& contents) {
             contents.add_int64_contents(2);
             contents.add_int64_contents(1);
           }},
          {"UINT8", little(1), uints},
          {"UINT16", little(2), uints},
          {"UINT32", little(4), uints},
          {"UINT64", little(8), [](Contents& contents) {
             contents.add_uint64_contents(2);
             contents.add_uint64_contents(1);
           }}};
}

TEST(InferMessagesTest, ReadsNumbersOfEveryDatatype) {
  for (const DatatypeCase& c : Datatypes()) {
    SCOPED_TRACE(c.datatype);
    inference::ModelInferResponse response;
    auto& output = *response.add_outputs();
    output.set_name("y");
    output.set_datatype(c.datatype);
    output.add_shape(2);
    if (c.add_typed) {
      c.add_typed(*output.mutable_contents());
      const auto typed = ReadInferResponse(response, 2, {});
      ASSERT_TRUE(typed.ok()) << typed.status();
      EXPECT_EQ(typed->outputs[0].values.size() + typed->outputs[0].integers.size(), 2U);
      output.clear_contents();
    }
    response.add_raw_output_contents(c.raw);
    const auto raw = ReadInferResponse(response, 2, {});
    ASSERT_TRUE(raw.ok()) << raw.status();
    const Tensor& tensor = raw->outputs[0];
    EXPECT_EQ(tensor.datatype, c.datatype);
    if (std::string(c.datatype).find("INT") == std::string::npos) {
      EXPECT_THAT(tensor.values, ElementsAre(2, 1));
    } else {
      EXPECT_THAT(tensor.integers, ElementsAre(2, 1));
    }
  }
}

TEST(InferMessagesTest, ReadsTextsAndBooleans) {
  inference::ModelInferResponse response;
  for (const char* datatype : {"BYTES", "BOOL"}) {
    auto& output = *response.add_outputs();
    output.set_name(datatype);
    output.set_datatype(datatype);
    output.add_shape(2);
  }
  response.mutable_outputs(0)->mutable_contents()->add_bytes_contents("a");
  response.mutable_outputs(0)->mutable_contents()->add_bytes_contents("");
  response.mutable_outputs(1)->mutable_contents()->add_bool_contents(true);
  response.mutable_outputs(1)->mutable_contents()->add_bool_contents(false);
  for (const bool raw : {false, true}) {
    const auto result = ReadInferResponse(response, 2, {});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_THAT(result->outputs[0].strings, ElementsAre("a", "")) << raw;
    EXPECT_THAT(result->outputs[1].integers, ElementsAre(1, 0)) << raw;
    response.add_raw_output_contents(std::string("\1\0\0\0a\0\0\0\0", 9));
    response.add_raw_output_contents(std::string("\1\0", 2));
  }
}

TEST(InferMessagesTest, WritesEachInputAsItsDatatype) {
  const ModelMetadata model{
      "m", "", {}, "", {{"a", "INT16", {-1}}, {"b", "FP64", {-1, 2}}, {"c", "BOOL", {-1, 1}}}, {}};
  const auto request = MakeInferRequest(model, 2, {1, 0.5f, 2, 1, -3, 4, 5, 0}, {}).value();
  ASSERT_EQ(request.inputs_size(), 3);
  EXPECT_THAT(request.inputs(0).shape(), ElementsAre(2));
  EXPECT_THAT(request.inputs(1).shape(), ElementsAre(2, 2));
  EXPECT_EQ(request.raw_input_contents(0), std::string("\1\0\xfd\xff", 4));
  EXPECT_EQ(request.raw_input_contents(1).size(), 4 * sizeof(double));
  double third = 0;
  std::memcpy(&third, request.raw_input_contents(1).data() + 2 * sizeof(double), sizeof(third));
  EXPECT_EQ(third, 4);
  EXPECT_EQ(request.raw_input_contents(2), std::string("\1\0", 2));
}

TEST(InferMessagesTest, RefusesInputsThatDoNotFit) {
  ModelMetadata model{"m", "", {}, "", {{"a", "INT8", {-1, 1}}, {"b", "FP32", {-1, 2}}}, {}};
  const auto message = [&](const std::vector<float>& row) {
    return std::string(MakeInferRequest(model, 1, row, {}).status().message());
  };
  EXPECT_EQ(
      message({1, 2}),
      "a row has 2 values; model 'm' takes 'a' [-1,1], 'b' [-1,2], concatenated in this order");
  for (const float value : {0.5f, 128.0f, -129.0f, NAN, INFINITY}) {
    EXPECT_THAT(message({value, 1, 1}), HasSubstr("input 'a' takes INT8")) << value;
  }
  model.inputs[0].datatype = "INT64";
  EXPECT_THAT(message({16777218.0f, 1, 1}), HasSubstr("is 1.67772e+07; input 'a' takes INT64"));
  EXPECT_EQ(message({16777216.0f, 1, 1}), "");
  model.inputs[0].datatype = "BYTES";
  EXPECT_EQ(message({1, 1, 1}),
            "a row has 3 numbers and 0 texts; model 'm' takes 'a' BYTES [-1,1], 'b' FP32 [-1,2], "
            "concatenated in this order");
  model.inputs[0].datatype = "BF16";
  EXPECT_THAT(message({1, 1, 1}), HasSubstr("input 'a' has datatype BF16; this client sends"));
}

TEST(InferMessagesTest, SendsTextsToTheInputsThatAcceptThem) {
  ModelMetadata model{
      "m", "", {}, "", {{"a", "BYTES", {-1, 1}}, {"b", "INT16", {-1}}, {"c", "BYTES", {-1, 2}}},
      {}};
  const std::vector<std::string> texts = {"Oslo", "x", "", "", "y", "z"};
  const auto request = MakeInferRequest(model, 2, {7, -2}, {}, texts).value();
  EXPECT_EQ(request.raw_input_contents(0), std::string("\4\0\0\0Oslo\0\0\0\0", 12));
  EXPECT_EQ(request.raw_input_contents(1), std::string("\7\0\xfe\xff", 4));
  EXPECT_EQ(request.raw_input_contents(2), std::string("\1\0\0\0x\0\0\0\0\1\0\0\0y\1\0\0\0z", 19));
  EXPECT_THAT(request.inputs(2).shape(), ElementsAre(2, 2));
  EXPECT_FALSE(MakeInferRequest(model, 2, {7, -2}, {}, {texts.data(), 4}).ok());
  EXPECT_FALSE(MakeInferRequest(model, 2, {7, -2}, {}, {texts.data(), 5}).ok());
  EXPECT_THAT(MakeInferRequest(model, 0, {}, {}).value().inputs(2).shape(), ElementsAre(0, 2));
  // A single input is sent as it is, and the server judges it.
  model.inputs.erase(model.inputs.begin(), model.inputs.begin() + 2);
  EXPECT_THAT(MakeInferRequest(model, 2, {}, {}, texts).value().inputs(0).shape(),
              ElementsAre(2, 3));
  EXPECT_EQ(MakeInferRequest(model, 2, {1, 2}, {}, texts).status().message(),
            "a row has 1 numbers and 3 texts; model 'm' takes 'c' BYTES [-1,2]");
}

TEST(InferMessagesTest, SendsARequestWithoutRows) {
  const ModelMetadata model{"m", "", {}, "", {{"a", "INT8", {-1, 1}}, {"b", "FP32", {-1, 2}}}, {}};
  const auto request = MakeInferRequest(model, 0, {}, {}).value();
  EXPECT_THAT(request.inputs(1).shape(), ElementsAre(0, 2));
  EXPECT_EQ(request.raw_input_contents(1), "");
  inference::ModelInferResponse response;
  AddRawOutput(response, "y", {0, 3}, {});
  const auto answer = ReadInferResponse(response, 0, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->outputs[0].shape, ElementsAre(0, 3));
}

}  // namespace
}  // namespace mlp
