#include "client/bench/load_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelMetadata Model(std::vector<TensorMetadata> inputs) {
  ModelMetadata model;
  model.name = "m";
  model.requested_version = "3";
  model.inputs = std::move(inputs);
  return model;
}

std::vector<float> FloatsOf(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(LoadRequestsTest, FillEveryInputWithTheRequestedRows) {
  const auto messages = MakeRequests(
      Model({{"x", "FP32", {-1, 2, 3}}, {"flags", "BOOL", {-1, 4}}, {"n", "INT64", {-1}}}),
      {.rows = 5});
  ASSERT_TRUE(messages.ok()) << messages.status();
  EXPECT_EQ(messages->size(), 64U);
  for (const auto& message : *messages) {
    EXPECT_EQ(message.model_name(), "m");
    EXPECT_EQ(message.model_version(), "3");
    ASSERT_EQ(message.inputs_size(), 3);
    EXPECT_THAT(message.inputs(0).shape(), ElementsAre(5, 2, 3));
    EXPECT_THAT(message.inputs(1).shape(), ElementsAre(5, 4));
    EXPECT_THAT(message.inputs(2).shape(), ElementsAre(5));
    EXPECT_EQ(message.raw_input_contents(0).size(), 5U * 2 * 3 * 4);
    EXPECT_EQ(message.raw_input_contents(1).size(), 5U * 4);
    EXPECT_EQ(message.raw_input_contents(2).size(), 5U * 8);
    for (const float value : FloatsOf(message.raw_input_contents(0))) {
      EXPECT_GE(value, 0.0F);
      EXPECT_LT(value, 1.0F);
    }
    for (const char flag : message.raw_input_contents(1)) EXPECT_TRUE(flag == 0 || flag == 1);
  }
  EXPECT_NE((*messages)[0].SerializeAsString(), (*messages)[1].SerializeAsString());
}

TEST(LoadRequestsTest, AreTheSameOnlyForTheSameSeed) {
  const ModelMetadata model = Model({{"x", "FP32", {-1, 8}}});
  const auto first = MakeRequests(model, {.seed = 9});
  const auto same = MakeRequests(model, {.seed = 9});
  const auto other = MakeRequests(model, {.seed = 10});
  EXPECT_EQ((*first)[7].SerializeAsString(), (*same)[7].SerializeAsString());
  EXPECT_NE((*first)[7].SerializeAsString(), (*other)[7].SerializeAsString());
}

TEST(LoadRequestsTest, TakeTheRowsOfAFileInTurn) {
  const auto messages = MakeRequests(Model({{"x", "FP32", {-1, 1}}}),
                                     {.rows = 2, .file_rows = Rows{3, 1, {1.0F, 2.0F, 3.0F}}});
  ASSERT_TRUE(messages.ok()) << messages.status();
  ASSERT_EQ(messages->size(), 3U);  // then it starts over at row 1
  EXPECT_THAT(FloatsOf((*messages)[0].raw_input_contents(0)), ElementsAre(1.0F, 2.0F));
  EXPECT_THAT(FloatsOf((*messages)[1].raw_input_contents(0)), ElementsAre(3.0F, 1.0F));
  EXPECT_THAT(FloatsOf((*messages)[2].raw_input_contents(0)), ElementsAre(2.0F, 3.0F));
}

struct RefusedCase {
  std::vector<TensorMetadata> inputs;
  LoadRequestOptions options;
  absl::StatusCode code;
  const char* message;
};

TEST(LoadRequestsTest, AreRefusedIfThereAreNone) {
  const Rows two_wide{1, 2, {1.0F, 0.5F}};
  const std::vector<RefusedCase> cases = {
      {{{"x", "BYTES", {-1, 2}}}, {}, absl::StatusCode::kUnimplemented, "'x' has datatype BYTES"},
      {{{"x", "FP8", {-1, 2}}}, {}, absl::StatusCode::kUnimplemented, "datatype FP8"},
      {{{"x", "FP32", {-1, -1}}}, {}, absl::StatusCode::kUnimplemented, "shape [-1,-1]"},
      {{{"x", "FP32", {-1, 1 << 30}}}, {}, absl::StatusCode::kResourceExhausted, "fewer rows"},
      {{{"x", "FP32", {-1, 3}}},
       {.file_rows = two_wide},
       absl::StatusCode::kInvalidArgument,
       "2 values each; input 'x' takes 3"},
      {{{"x", "INT8", {-1, 2}}},
       {.file_rows = two_wide},
       absl::StatusCode::kInvalidArgument,
       "0.5 is not a value of datatype INT8, in row 1"},
      {{{"x", "FP32", {-1, 2}}, {"y", "FP32", {-1, 2}}},
       {.file_rows = two_wide},
       absl::StatusCode::kUnimplemented,
       "2 inputs"}};
  for (const RefusedCase& refused : cases) {
    const auto messages = MakeRequests(Model(refused.inputs), refused.options);
    EXPECT_EQ(messages.status().code(), refused.code) << messages.status();
    EXPECT_THAT(messages.status().message(), HasSubstr(refused.message));
  }
}

}  // namespace
}  // namespace mlp
