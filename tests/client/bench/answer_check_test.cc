#include "client/bench/answer_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "proto/open_inference.pb.h"
#include "tests/client/fake_server.h"

namespace mlp {
namespace {

inference::ModelInferResponse Answer(const std::vector<float>& values) {
  inference::ModelInferResponse answer;
  answer.set_model_name("m");
  AddRawOutput(answer, "y", {1, static_cast<std::int64_t>(values.size())}, values);
  return answer;
}

bool IsRight(float tolerance, const inference::ModelInferResponse& expected,
             const inference::ModelInferResponse& given) {
  AnswerCheck check(tolerance);
  check.AddExpected("another message's");
  check.AddExpected(expected.SerializeAsString());
  return check.IsRight(1, given.SerializeAsString());
}

TEST(AnswerCheckTest, DetectsASingleDifferentBit) {
  const float next = std::nextafterf(0.5F, 1.0F);
  EXPECT_TRUE(IsRight(0.0F, Answer({0.5F, 2.0F}), Answer({0.5F, 2.0F})));
  EXPECT_FALSE(IsRight(0.0F, Answer({0.5F, 2.0F}), Answer({next, 2.0F})));
  EXPECT_FALSE(IsRight(0.0F, Answer({0.0F}), Answer({-0.0F})));
}

TEST(AnswerCheckTest, AllowsATolerance) {
  EXPECT_TRUE(IsRight(1e-4F, Answer({1.0F}), Answer({1.0001F})));
  EXPECT_FALSE(IsRight(1e-4F, Answer({1.0F}), Answer({1.001F})));
  EXPECT_FALSE(IsRight(1e-4F, Answer({1.0F}), Answer({std::numeric_limits<float>::quiet_NaN()})));
}

TEST(AnswerCheckTest, ComparesOnlyTheOutputs) {
  inference::ModelInferResponse with_id = Answer({1.0F});
  with_id.set_id("7");
  EXPECT_TRUE(IsRight(0.0F, Answer({1.0F}), with_id));
  inference::ModelInferResponse renamed = Answer({1.0F});
  renamed.mutable_outputs(0)->set_name("z");
  EXPECT_FALSE(IsRight(0.0F, Answer({1.0F}), renamed));
  EXPECT_FALSE(IsRight(1.0F, Answer({1.0F}), Answer({1.0F, 1.0F})));
  EXPECT_FALSE(IsRight(1.0F, Answer({1.0F}), inference::ModelInferResponse()));
}

TEST(AnswerCheckTest, ComparesOtherDatatypesBitForBit) {
  inference::ModelInferResponse expected = Answer({1.0F});
  inference::ModelInferResponse given = Answer({1.0001F});
  for (inference::ModelInferResponse* answer : {&expected, &given}) {
    answer->mutable_outputs(0)->set_datatype("INT32");
  }
  EXPECT_FALSE(IsRight(1e-4F, expected, given));
}

}  // namespace
}  // namespace mlp
