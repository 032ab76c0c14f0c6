#include "server/rest/message_json.h"

#include <gtest/gtest.h>

#include "proto/open_inference.pb.h"

namespace mlp {
namespace {

std::string JsonOf(const google::protobuf::Message& message) {
  std::string json;
  AppendMessageJson(message, json);
  return json;
}

TEST(MessageJsonTest, WritesNumbersOf64BitsAsNumbers) {
  inference::ModelMetadataResponse response;
  response.set_name("m\"");
  response.add_versions("1");
  auto& input = *response.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.add_shape(-1);
  input.add_shape(64);
  EXPECT_EQ(JsonOf(response),
            R"({"name":"m\"","versions":["1"],"platform":"","inputs":[{"name":"x",)"
            R"("datatype":"FP32","shape":[-1,64]}],"outputs":[]})");
}

TEST(MessageJsonTest, WritesParametersAsTheirValues) {
  inference::ModelMetadataResponse::TensorMetadata output;
  output.set_name("y");
  (*output.mutable_parameters())["class_names"].set_string_param("[\"a\"]");
  EXPECT_EQ(JsonOf(output),
            R"({"name":"y","datatype":"","shape":[],"parameters":{"class_names":"[\"a\"]"}})");
  (*output.mutable_parameters())["class_names"].set_int64_param(-2);
  EXPECT_NE(JsonOf(output).find(R"({"class_names":-2})"), std::string::npos);
}

TEST(MessageJsonTest, WritesMapsEnumerationsAndWhatIsSet) {
  inference::ModelConfig config;
  config.set_max_batch_size(8);
  config.add_input()->set_data_type(inference::TYPE_FP32);
  (*config.mutable_parameters())["k"].set_string_value("v");
  std::string json = JsonOf(config);
  EXPECT_NE(json.find(R"("data_type":"TYPE_FP32")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("parameters":{"k":{"string_value":"v"}})"), std::string::npos) << json;
  EXPECT_EQ(json.find("dynamic_batching"), std::string::npos) << json;
  auto& batching = *config.mutable_dynamic_batching();
  (*batching.mutable_priority_queue_policy())[2].set_max_queue_size(5);
  json = JsonOf(config);
  EXPECT_NE(json.find(R"("priority_queue_policy":{"2":{)"), std::string::npos) << json;
}

}  // namespace
}  // namespace mlp
