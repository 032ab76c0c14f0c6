// The insight that a request gets about its own rows, through the queue and the batches that all
// requests share.

#include "server/rpc/request_insight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/message_bytes.h"
#include "tests/server/rpc/fake_call.h"
#include "tests/server/rpc/scheduler_test.h"
#include "tests/server/small_model.h"
#include "tests/server/small_request.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class RequestInsightTest : public SchedulerTest {
 protected:
  void Publish() { catalog_.Publish(SmallModelTable(arena_, metrics_)); }

  // A request with `values`, row by row.
  static inference::ModelInferRequest Request(const std::vector<float>& values) {
    inference::ModelInferRequest message =
        SmallRequest(static_cast<std::int64_t>(values.size() / 2));
    message.set_model_name("small");
    std::memcpy(message.mutable_raw_input_contents(0)->data(), values.data(),
                values.size() * sizeof(float));
    return message;
  }

  void Submit(const inference::ModelInferRequest& message, FakeCall& call) {
    grpc::ByteBuffer bytes;
    ASSERT_TRUE(EncodeMessage(message, bytes).ok());
    const auto now = Clock::now();
    scheduler_.Submit(
        bytes, {now, now, Clock::time_point::max(), [] { return std::string("peer"); }}, call.slot);
  }

  void EvaluateAll() {
    while (scheduler_.EvaluateRound(Clock::now()) != Clock::time_point::max()) {
    }
  }

  static inference::ModelInferResponse AnswerIn(FakeCall& call) {
    inference::ModelInferResponse answer;
    EXPECT_TRUE(call.slot.status().ok()) << call.slot.status();
    EXPECT_TRUE(DecodeMessage(call.slot.bytes, answer).ok());
    return answer;
  }
};

TEST_F(RequestInsightTest, CoversOnlyTheRequestsOwnRows) {
  Publish();
  FakeCall asks;
  FakeCall other;
  // The hidden ReLU units take the inputs as they are. Of four activations, three are in the tail.
  inference::ModelInferRequest message = Request({-1, -2, -3, 4});
  (*message.mutable_parameters())["insight"].set_bool_param(true);
  Submit(Request({1, 1, 1, 1, 1, 1}), other);
  Submit(message, asks);
  EvaluateAll();
  const inference::ModelInferResponse answer = AnswerIn(asks);
  EXPECT_EQ(answer.parameters().at("insight_hidden_1_lower").double_param(), 0.75);
  EXPECT_EQ(answer.parameters().at("insight_hidden_1_upper").double_param(), 0.0);
  EXPECT_EQ(answer.parameters().at("insight_output_lower").double_param(), 0.0);
  EXPECT_EQ(answer.parameters().at("insight_missing").int64_param(), 0);
  EXPECT_EQ(answer.parameters().at("insight_infinite").int64_param(), 0);
  EXPECT_TRUE(AnswerIn(other).parameters().empty());
  // The rows were not counted twice.
  EXPECT_THAT(metrics_.Expose(), HasSubstr("mlp_rows_total{model=\"small\",version=\"1\"} 5\n"));
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("mlp_activations_total{model=\"small\",version=\"1\",layer=\"hidden_1\","
                        "activation=\"relu\"} 10\n"));
}

TEST_F(RequestInsightTest, CountsValuesThatAreMissingOrInfinite) {
  Publish();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  inference::ModelInferRequest message = Request({kNan, 1, kInfinity, -kInfinity, 2, kNan});
  (*message.mutable_parameters())["insight"].set_bool_param(true);
  FakeCall call;
  Submit(message, call);
  EvaluateAll();
  const inference::ModelInferResponse answer = AnswerIn(call);
  EXPECT_EQ(answer.parameters().at("insight_missing").int64_param(), 2);
  EXPECT_EQ(answer.parameters().at("insight_infinite").int64_param(), 2);
}

TEST_F(RequestInsightTest, CountsValuesBeyondTheBaseline) {
  Publish();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  inference::ModelInferRequest message = Request({0, 5, -1, 7.5F, kNan, kInfinity, 1, 4});
  (*message.mutable_parameters())["insight"].set_bool_param(true);
  FakeCall before;
  Submit(message, before);
  EvaluateAll();
  EXPECT_FALSE(AnswerIn(before).parameters().contains("insight_out_of_range"))
      << "without a baseline nothing is known of it";
  Baseline baseline;
  baseline.inputs.minimum = {0, 5};
  baseline.inputs.maximum = {1, 7};
  catalog_.Get()
      ->Find("small", "")
      .value()
      ->baseline->Set(std::make_shared<const Baseline>(std::move(baseline)));
  FakeCall after;
  Submit(message, after);
  EvaluateAll();
  EXPECT_EQ(AnswerIn(after).parameters().at("insight_out_of_range").int64_param(), 4)
      << "-1, 7.5, infinity and 4";
}

TEST_F(RequestInsightTest, IsTheSameForARequestInSeveralBatches) {
  Publish();
  // More rows than insight evaluates together, a third of them with both units in the lower tail.
  constexpr std::int64_t kRows = 3'000;
  std::vector<float> values;
  for (std::int64_t row = 0; row < kRows; ++row) {
    const float value = row % 3 == 0 ? -1.0F : 1.0F;
    values.insert(values.end(), {value, value});
  }
  inference::ModelInferRequest message = Request(values);
  (*message.mutable_parameters())["insight"].set_bool_param(true);
  FakeCall call;
  FakeCall small;
  Submit(message, call);
  Submit(Request({1, 1}), small);
  EvaluateAll();
  const inference::ModelInferResponse answer = AnswerIn(call);
  EXPECT_DOUBLE_EQ(answer.parameters().at("insight_hidden_1_lower").double_param(), 1.0 / 3);
}

TEST_F(RequestInsightTest, HasNoSharesWithoutRows) {
  Publish();
  inference::ModelInferRequest message = SmallRequest(0);
  message.set_model_name("small");
  (*message.mutable_parameters())["insight"].set_bool_param(true);
  FakeCall call;
  Submit(message, call);
  const inference::ModelInferResponse answer = AnswerIn(call);
  EXPECT_EQ(answer.parameters_size(), 2);
  EXPECT_EQ(answer.parameters().at("insight_missing").int64_param(), 0);
}

TEST_F(RequestInsightTest, ForgetsThePreviousRequest) {
  Publish();
  for (const bool asks : {true, false, true, false}) {
    inference::ModelInferRequest message = Request({-1, 1});
    (*message.mutable_parameters())["insight"].set_bool_param(asks);
    FakeCall call;
    Submit(message, call);
    EvaluateAll();
    const inference::ModelInferResponse answer = AnswerIn(call);
    EXPECT_EQ(answer.parameters().empty(), !asks);
    if (asks) {
      EXPECT_EQ(answer.parameters().at("insight_hidden_1_lower").double_param(), 0.5);
    }
  }
}

TEST_F(RequestInsightTest, FitsIntoTheSizeReservedForTheAnswer) {
  Publish();
  inference::ModelInferRequest message = Request({-1, 1});
  FakeCall plain;
  Submit(message, plain);
  (*message.mutable_parameters())["insight"].set_bool_param(true);
  FakeCall call;
  Submit(message, call);
  EvaluateAll();
  const auto model = catalog_.Get()->Find("small", "").value();
  EXPECT_LE(static_cast<std::int64_t>(call.slot.bytes.Length() - plain.slot.bytes.Length()),
            RequestInsight::MostBytes(*model));
}

TEST_F(RequestInsightTest, IsRefusedIfItIsNotAFlag) {
  Publish();
  std::map<std::string, inference::InferParameter> values;
  values["text"].set_string_param("true");
  values["number"].set_int64_param(1);
  values["unsigned"].set_uint64_param(1);
  values["double"].set_double_param(1);
  values["nothing"];
  for (const auto& [what, value] : values) {
    inference::ModelInferRequest message = Request({1, 1});
    (*message.mutable_parameters())["insight"] = value;
    FakeCall call;
    Submit(message, call);
    ASSERT_TRUE(call.slot.answered()) << what;
    EXPECT_EQ(call.code(), absl::StatusCode::kInvalidArgument) << what;
    EXPECT_THAT(std::string(call.slot.status().message()), HasSubstr("'insight'")) << what;
  }
}

}  // namespace
}  // namespace mlp
