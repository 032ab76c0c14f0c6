// Many loads at once, and large ones. What waits is limited, and nothing else has to wait for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "proto/health.grpc.pb.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/warm_up_text.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// The same as ModelManager::kMaxWaiting.
constexpr int kMaxWaitingLoads = 64;

// A server that is busy loading the model "slow".
class LoadLimitsTest : public RepositoryServerTest {
 protected:
  LoadLimitsTest() {
    folders_.Publish("slow", 1, "digits-relu");
    folders_.Write("slow/config.pbtxt", WarmUpText(64, 1000));
    folders_.Publish("relu", 1, "digits-relu");
    Start({"--model-control", "explicit", "--load-model", "relu"});
    Load("slow");
    EXPECT_TRUE(Eventually([&] { return SlowIsBeingLoaded(); }));
  }
  // When the server ends, it sends the pending answers.
  ~LoadLimitsTest() override {
    server_->Signal(SIGTERM);
    EXPECT_EQ(server_->WaitForExit(), 0);
    EXPECT_TRUE(Eventually([&] { return answered_ == static_cast<int>(calls_.size()); }));
  }

  bool SlowIsBeingLoaded() { return Index(*stub_)["slow/1"] == "LOADING: it is being loaded"; }

  // Requests a load, and counts its answer by code.
  void Load(const std::string& model, const RepositoryParameters& parameters = {}) {
    Call& call = *calls_.emplace_back(std::make_unique<Call>());
    call.request.set_model_name(model);
    call.request.mutable_parameters()->insert(parameters.begin(), parameters.end());
    stub_->async()->RepositoryModelLoad(
        &call.context, &call.request, &call.response, [this](const grpc::Status& status) {
          if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) ++exhausted_;
          if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) ++denied_;
          ++answered_;
        });
  }
  double Resident() const {
    return ReadMetrics(server_->http_port()).at("process_resident_memory_bytes");
  }

  struct Call {
    grpc::ClientContext context;
    inference::RepositoryModelLoadRequest request;
    inference::RepositoryModelLoadResponse response;
  };

  std::vector<std::unique_ptr<Call>> calls_;
  std::atomic<int> exhausted_ = 0;
  std::atomic<int> denied_ = 0;
  std::atomic<int> answered_ = 0;
};

TEST_F(LoadLimitsTest, RefusesLoadsIfTooManyWait) {
  for (int i = 0; i < kMaxWaitingLoads + 36; ++i) Load("relu");
  EXPECT_TRUE(Eventually([&] { return exhausted_ == 36; })) << exhausted_;
  // The callback of a load counts in exhausted_ first.
  EXPECT_TRUE(Eventually([&] { return answered_ == 36; })) << answered_;
  EXPECT_EQ(AnswerOf(*stub_, "relu").size(), 10U);
}

TEST_F(LoadLimitsTest, UnloadsWhileAnotherModelIsBeingLoaded) {
  for (int i = 0; i < kMaxWaitingLoads; ++i) Load("slow");
  const grpc::Status status = UnloadModel(*stub_, "relu");
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(SlowIsBeingLoaded()) << "the load was to be slower than the unload";
  EXPECT_EQ(Index(*stub_)["relu/1"], "UNAVAILABLE: unloaded");
}

TEST_F(LoadLimitsTest, DoesNotKeepForbiddenFilesInMemory) {
  // More calls than are ever posted. If the server refused them in order, it would keep all their
  // files.
  for (int i = 0; i < 8; ++i) Load("slow");
  RepositoryParameters parameters;
  parameters["file:1/model.onnx"].set_bytes_param(std::string(std::size_t{15} << 20, 'x'));
  const double before = Resident();
  for (int i = 0; i < 25; ++i) Load("sent", parameters);
  EXPECT_TRUE(Eventually([&] { return denied_ == 25; })) << denied_;
  if (!ServerProcess::IsOfAnotherBuild()) {
    EXPECT_LT(Resident() - before, 128e6);
  }
}

// A watch lasts as long as its client wants, and so does what the server keeps for it.
TEST_F(LoadLimitsTest, DoesNotKeepLongNamesForHealthWatches) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(std::string(std::size_t{8} << 20, 'x'));
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<grpc::health::v1::HealthCheckResponse>>> watches;
  const double before = Resident();
  for (int i = 0; i < 20; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    watches.push_back(health->Watch(contexts.back().get(), request));
    grpc::health::v1::HealthCheckResponse response;
    EXPECT_FALSE(watches.back()->Read(&response));
  }
  if (!ServerProcess::IsOfAnotherBuild()) {
    EXPECT_LT(Resident() - before, 64e6);
  }
  for (std::size_t i = 0; i < watches.size(); ++i) {
    contexts[i]->TryCancel();
    watches[i]->Finish();
  }
}

}  // namespace
}  // namespace mlp
