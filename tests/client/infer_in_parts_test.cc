#include "client/infer_in_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/client/fake_server.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class InferInPartsTest : public ::testing::Test {
 protected:
  InferInPartsTest() : client_(Client::Create(server_.address()).value()) {
    server_.ServeDoubler();
    const auto serve = server_.infer;
    server_.infer = [this, serve](const auto& request, auto& response) {
      rows_.push_back(request.inputs(0).shape(0));
      versions_.push_back(request.model_version());
      return serve(request, response);
    };
    model_ = client_.Metadata("doubler").value();
    std::iota(values_.begin(), values_.end(), 0.0f);
  }

  std::vector<float> values_ = std::vector<float>(30);
  std::vector<std::int64_t> rows_;     // by request
  std::vector<std::string> versions_;  // the version each request asked for
  FakeServer server_;
  Client client_;
  ModelMetadata model_;
};

TEST_F(InferInPartsTest, JoinsTheAnswersOfOneVersion) {
  const auto result = InferInParts(client_, model_, 10, values_, {"sum", "twice"}, 4).value();
  EXPECT_THAT(rows_, ElementsAre(4, 4, 2));
  EXPECT_THAT(versions_, ElementsAre("", "7", "7"));
  EXPECT_EQ(result.version, "7");
  EXPECT_THAT(result.outputs[0].shape, ElementsAre(10));
  EXPECT_THAT(result.outputs[0].values, ElementsAre(3, 12, 21, 30, 39, 48, 57, 66, 75, 84));
  EXPECT_THAT(result.outputs[1].shape, ElementsAre(10, 3));
  EXPECT_EQ(result.outputs[1].values[29], 58);
}

TEST_F(InferInPartsTest, SendsTheTextsOfEachRowWithTheRow) {
  std::vector<std::string> sent;
  server_.infer = [&](const auto& request, auto& response) {
    const std::int64_t rows = request.inputs(0).shape(0);
    sent.push_back(request.raw_input_contents(0));
    AddRawOutput(response, "y", {rows}, std::vector<float>(static_cast<std::size_t>(rows)));
    return grpc::Status::OK;
  };
  model_.inputs = {{"text", "BYTES", {-1, 1}}, {"x", "FP32", {-1, 3}}};
  const std::vector<std::string> texts = {"a", "b", "c"};
  ASSERT_TRUE(InferInParts(client_, model_, 3, {values_.data(), 9}, {}, 2, texts).ok());
  EXPECT_THAT(sent,
              ElementsAre(std::string("\1\0\0\0a\1\0\0\0b", 10), std::string("\1\0\0\0c", 5)));
}

TEST_F(InferInPartsTest, SendsOneRequestIfTheRowsFit) {
  ASSERT_TRUE(InferInParts(client_, model_, 4, {values_.data(), 12}, {}, 4).ok());
  ASSERT_TRUE(InferInParts(client_, model_, 4, {values_.data(), 12}, {}, 0).ok());
  EXPECT_THAT(rows_, ElementsAre(4, 4));
}

TEST_F(InferInPartsTest, EndsAtTheFirstError) {
  EXPECT_EQ(InferInParts(client_, model_, 10, values_, {}, 5).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(rows_, ElementsAre(5));
  EXPECT_FALSE(InferInParts(client_, model_, 7, values_, {}, 4).ok());  // 30 values for 7 rows
  EXPECT_FALSE(InferInParts(client_, model_, 0, values_, {}, 4).ok());
  EXPECT_FALSE(InferInParts(client_, model_, 10, values_, {}, -1).ok());
}

TEST_F(InferInPartsTest, RefusesPartsThatDoNotContinueEachOther) {
  server_.infer = [](const auto& request, auto& response) {
    const bool first = RawInput(request)[0] == 0;
    AddRawOutput(response, first ? "a" : "b", {request.inputs(0).shape(0)},
                 std::vector<float>(request.inputs(0).shape(0)));
    return grpc::Status::OK;
  };
  const auto result = InferInParts(client_, model_, 10, values_, {}, 4);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("from row 4 on differ"));
}

}  // namespace
}  // namespace mlp
