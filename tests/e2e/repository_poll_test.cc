// A server that follows its repository, seen from outside.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RepositoryPollTest : public RepositoryServerTest {
 protected:
  std::string State(const std::string& version) { return Index(*stub_)[version]; }
};

TEST_F(RepositoryPollTest, LoadsNewModelsAndDropsRemovedOnes) {
  StartPolling();  // without any model
  folders_.Publish("relu", 1, "digits-relu");
  ASSERT_TRUE(Eventually([&] { return State("relu/1") == "READY"; }));
  const std::vector<float> answer = AnswerOf(*stub_, "relu");
  EXPECT_EQ(answer.size(), 10U);
  folders_.Publish("relu", 2, "digits-tanh");
  ASSERT_TRUE(Eventually([&] { return State("relu/2") == "READY"; }));
  EXPECT_EQ(AnswerOf(*stub_, "relu", "1"), answer);
  EXPECT_NE(AnswerOf(*stub_, "relu"), answer);

  const grpc::Status status = LoadModel(*stub_, "relu");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("--model-control is poll"));

  fs::remove_all(folders_.root() / "relu" / "1");
  ASSERT_TRUE(Eventually([&] { return State("relu/1").empty(); }));
  fs::remove_all(folders_.root() / "relu");
  ASSERT_TRUE(Eventually([&] { return Index(*stub_).empty(); }));
  inference::ModelInferResponse response;
  EXPECT_EQ(Infer(*stub_, DigitsRequest("relu"), response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(Eventually([&] {
    return HttpGet(server_->http_port(), "/metrics").body.find("model=\"relu\"") ==
           std::string::npos;
  }));
}

TEST_F(RepositoryPollTest, FollowsALabel) {
  folders_.Publish("m", 1, "digits-relu");
  folders_.Publish("m", 2, "digits-tanh");
  const auto label = [&](int version) {
    folders_.Write("m/config.pbtxt",
                   absl::StrCat("parameters { key: 'version_label.stable' value { string_value: '",
                                version, "' } }"));
  };
  label(1);
  StartPolling();
  const std::vector<float> first = AnswerOf(*stub_, "m", "1");
  const std::vector<float> second = AnswerOf(*stub_, "m", "2");
  EXPECT_EQ(AnswerOf(*stub_, "m", "stable"), first);
  label(2);
  EXPECT_TRUE(Eventually([&] { return AnswerOf(*stub_, "m", "stable") == second; }));
  label(9);
  const auto missing = [&] {
    inference::ModelInferRequest request = DigitsRequest("m");
    request.set_model_version("stable");
    inference::ModelInferResponse response;
    return Infer(*stub_, request, response);
  };
  EXPECT_TRUE(Eventually([&] { return !missing().ok(); }));
  EXPECT_EQ(missing().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(missing().error_message(), HasSubstr("the label names version 9"));
}

TEST_F(RepositoryPollTest, SurvivesFoldersThatComeAndVanishAtAnyMoment) {
  folders_.Publish("steady", 1, "digits-relu");
  StartPolling();
  const std::vector<float> answer = AnswerOf(*stub_, "steady");
  const std::string content = SampleContent("digits-tanh");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(6);
  for (int i = 0; std::chrono::steady_clock::now() < end; ++i) {
    const std::string name = absl::StrCat("m", i % 5);
    folders_.Write(absl::StrCat(name, "/1/model.onnx"),
                   content.substr(0, content.size() / (i % 3 + 1)));
    if (i % 2 == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(i % 90));
      fs::remove_all(folders_.root() / name);
    }
    EXPECT_EQ(AnswerOf(*stub_, "steady"), answer);
  }
  for (int i = 0; i < 5; ++i) fs::remove_all(folders_.root() / absl::StrCat("m", i));
  EXPECT_TRUE(Eventually([&] { return Index(*stub_).size() == 1; }));
  EXPECT_TRUE(server_->Running()) << server_->log();
}

}  // namespace
}  // namespace mlp
