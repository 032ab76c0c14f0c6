// From start to the signal: options, readiness, health, and signals that do not end the server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "proto/health.grpc.pb.h"
#include "tests/e2e/health_check.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using inference::GRPCInferenceService;
using inference::ModelInferResponse;
using ::testing::HasSubstr;

TEST(LifecycleTest, PrintsVersionAndHelp) {
  const ServerRun version = RunServer({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, HasSubstr("mlp-server "));
  const ServerRun help = RunServer({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("--model-repository"));
  EXPECT_THAT(help.out, HasSubstr("Examples:"));
}

TEST(LifecycleTest, ReadsOptionsFromEnvironmentAndFile) {
  const TemporaryFolder folder;
  const std::string file = folder.path() / "server.ini";
  std::ofstream(file) << "max-batch-rows = 7\nlog-format = json\n";
  const auto server =
      ServerProcess::Start({"--config", file}, {{"MLP_MODEL_REPOSITORY", SampleModels().string()}});
  ASSERT_TRUE(server.ok()) << server.status();
  inference::ModelConfigRequest request;
  request.set_name("digits-tanh");
  inference::ModelConfigResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()))
                  ->ModelConfig(&context, request, &response)
                  .ok());
  EXPECT_EQ(response.config().max_batch_size(), 7);
  EXPECT_THAT((*server)->log(), ::testing::StartsWith("{\"time\":"));
}

TEST(LifecycleTest, AnswersReadinessOverHttpAndGrpc) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(HttpGet((*server)->http_port(), "/live").code, 200);
  EXPECT_EQ(HttpGet((*server)->http_port(), "/ready").code, 200);
  EXPECT_EQ(HttpGet((*server)->http_port(), "/metrics").code, 200);
  EXPECT_EQ(HttpGet((*server)->http_port(), "/elsewhere").code, 404);
  EXPECT_EQ(HttpGet((*server)->http_port(), "/ready", "POST").code, 405);

  const auto stub = GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  inference::ServerLiveResponse live;
  inference::ServerReadyResponse ready;
  inference::ServerMetadataResponse metadata;
  grpc::ClientContext live_context;
  grpc::ClientContext ready_context;
  grpc::ClientContext metadata_context;
  ASSERT_TRUE(stub->ServerLive(&live_context, {}, &live).ok());
  ASSERT_TRUE(stub->ServerReady(&ready_context, {}, &ready).ok());
  ASSERT_TRUE(stub->ServerMetadata(&metadata_context, {}, &metadata).ok());
  EXPECT_TRUE(live.live());
  EXPECT_TRUE(ready.ready());
  EXPECT_EQ(metadata.name(), "mlpserve");
}

TEST(LifecycleTest, ReportsTheHealthOfServerServiceAndModels) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  for (const char* service : {"", "inference.GRPCInferenceService", "digits-elu"}) {
    HealthCheckResponse response;
    const grpc::Status status = CheckHealth(channel, service, response);
    EXPECT_TRUE(status.ok()) << service << ": " << status.error_message();
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING) << service;
  }
  HealthCheckResponse response;
  EXPECT_EQ(CheckHealth(channel, "digits-gelu", response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(LifecycleTest, AWatchReportsThatTheServerStops) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = grpc::health::v1::Health::NewStub(OpenChannel((*server)->grpc_address()));
  grpc::ClientContext context;
  grpc::ClientContext unknown_context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  HealthCheckRequest request;
  const auto reader = stub->Watch(&context, request);
  request.set_service("nobody");
  const auto unknown = stub->Watch(&unknown_context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(unknown->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);

  (*server)->Signal(SIGTERM);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ((*server)->WaitForExit(), 0);
}

TEST(LifecycleTest, ReleasesCancelledHealthWatches) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  const auto stub = grpc::health::v1::Health::NewStub(channel);
  // More watches than may be open at a time, one after the other.
  for (int i = 0; i < 1200; ++i) {
    grpc::ClientContext context;
    const auto reader = stub->Watch(&context, HealthCheckRequest());
    HealthCheckResponse response;
    ASSERT_TRUE(reader->Read(&response))
        << "watch " << i << ": " << reader->Finish().error_message();
    context.TryCancel();
  }
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
}

// The next connection would take a free descriptor and would then receive the lines of the log.
TEST(LifecycleTest, ReservesTheDescriptorsOfClosedStandardStreams) {
  const Command server =
      ServerCommand({"--model-repository", SampleModels().string(), "--grpc-address", "127.0.0.1:0",
                     "--http-address", "127.0.0.1:0"});
  std::vector<std::string> words = {"/bin/sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"};
  words.insert(words.end(), server.words.begin(), server.words.end());
  const auto process = ChildProcess::Start({words, server.environment});
  ASSERT_TRUE(process.ok()) << process.status();
  const std::filesystem::path descriptors = absl::StrCat("/proc/", (*process)->pid(), "/fd");
  const auto is_open_on = [&](const char* descriptor) {
    std::error_code error;
    return std::filesystem::read_symlink(descriptors / descriptor, error).string();
  };
  const auto is_reserved = [&](const char* descriptor) {
    return is_open_on(descriptor) == "/dev/null";
  };
  // Once the program has started, it has more descriptors. Before that, the process has those of
  // this one.
  EXPECT_TRUE(Eventually([&] {
    return is_reserved("0") && is_reserved("1") && is_reserved("2") && !is_open_on("8").empty();
  })) << is_open_on("0")
      << ", " << is_open_on("1") << ", " << is_open_on("2");
  (*process)->Signal(SIGTERM);
  EXPECT_EQ((*process)->WaitForExit(), 0);
}

class IgnoredSignalTest : public ::testing::TestWithParam<int> {};

// A reader that stops reading the log, or a limit on its file's size, must not end the server.
TEST_P(IgnoredSignalTest, KeepsTheServerServing) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  (*server)->Signal(GetParam());
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  for (int i = 0; i < 20; ++i) {
    ModelInferResponse response;
    const grpc::Status status = Infer(*stub, DigitsRequest("digits-relu"), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_TRUE((*server)->Running());
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
}

INSTANTIATE_TEST_SUITE_P(OfWrites, IgnoredSignalTest, ::testing::Values(SIGPIPE, SIGXFSZ));

}  // namespace
}  // namespace mlp
