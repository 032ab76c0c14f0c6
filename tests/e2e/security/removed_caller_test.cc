// Callers that are removed from the list while they have open streams that ask for no model: they
// learn nothing more.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proto/health.grpc.pb.h"
#include "proto/reflection.grpc.pb.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using grpc::StatusCode;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::reflection::v1alpha::ServerReflection;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;
using inference::GRPCInferenceService;

constexpr char kWatched[] = "digits-tanh";

class RemovedCallerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string stay = TokenLine("stays", "observe", "*", "stays-token") +
                             TokenLine("operator", "admin", "*", "admin-token");
    files_.Write("tokens", stay + TokenLine("goes", "observe", "*", "goes-token"));
    std::vector<std::string> options = files_.ServerOptions();
    options.insert(options.end(), {"--tokens-file", files_.Path("tokens"), "--model-control",
                                   "explicit", "--load-model", "*"});
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = OpenSecureChannel(server_->grpc_address(), files_.root);
    strike_ = [this, stay] {
      files_.Write("tokens", stay);
      EXPECT_TRUE(Logs(*server_, "the new tokens file is in use"));
    };
  }

  static void Prepare(grpc::ClientContext& context, const std::string& token) {
    context.AddMetadata("authorization", Bearer(token));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  void UnloadTheWatchedModel() {
    grpc::ClientContext context;
    Prepare(context, "admin-token");
    inference::RepositoryModelUnloadRequest request;
    request.set_model_name(kWatched);
    inference::RepositoryModelUnloadResponse response;
    ASSERT_TRUE(GRPCInferenceService::NewStub(channel_)
                    ->RepositoryModelUnload(&context, request, &response)
                    .ok());
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::function<void()> strike_;
};

TEST_F(RemovedCallerTest, WatchEnds) {
  const auto stub = Health::NewStub(channel_);
  HealthCheckRequest request;
  request.set_service(kWatched);
  HealthCheckResponse response;
  grpc::ClientContext of_one_that_goes;
  grpc::ClientContext of_one_that_stays;
  Prepare(of_one_that_goes, "goes-token");
  Prepare(of_one_that_stays, "stays-token");
  const auto goes = stub->Watch(&of_one_that_goes, request);
  const auto stays = stub->Watch(&of_one_that_stays, request);
  for (auto* const watch : {goes.get(), stays.get()}) {
    ASSERT_TRUE(watch->Read(&response));
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  }
  strike_();
  UnloadTheWatchedModel();
  EXPECT_FALSE(goes->Read(&response)) << response.ShortDebugString();
  EXPECT_EQ(goes->Finish().error_code(), StatusCode::UNAUTHENTICATED);
  ASSERT_TRUE(stays->Read(&response));
  EXPECT_NE(response.status(), HealthCheckResponse::SERVING);
  of_one_that_stays.TryCancel();
}

TEST_F(RemovedCallerTest, ReflectionEndsAtItsNextRequest) {
  grpc::ClientContext context;
  Prepare(context, "goes-token");
  const auto stream = ServerReflection::NewStub(channel_)->ServerReflectionInfo(&context);
  ServerReflectionRequest request;
  request.set_list_services("");
  ServerReflectionResponse response;
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  strike_();
  stream->Write(request);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace mlp
