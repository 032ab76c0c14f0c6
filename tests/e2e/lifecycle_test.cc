// From start to exit: readiness, health, signals, and reasons for which a server does not start.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "proto/health.grpc.pb.h"
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
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::HasSubstr;

// A loopback port that something listens on while this object lives.
class TakenPort {
 public:
  TakenPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, generic, size) == 0 && listen(socket_, 1) == 0 &&
        getsockname(socket_, generic, &size) == 0) {
      port_ = ntohs(address.sin_port);
    }
  }
  ~TakenPort() { close(socket_); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

grpc::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                         HealthCheckResponse& response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  HealthCheckRequest request;
  request.set_service(service);
  return grpc::health::v1::Health::NewStub(channel)->Check(&context, request, &response);
}

struct BadStart {
  const char* name;
  std::vector<std::string> arguments;
  std::vector<const char*> message_parts;
};

void PrintTo(const BadStart& bad, std::ostream* out) { *out << bad.name; }

class BadStartTest : public ::testing::TestWithParam<BadStart> {};

TEST_P(BadStartTest, EndsWithOneClearLine) {
  std::vector<std::string> arguments = GetParam().arguments;
  if (std::find(arguments.begin(), arguments.end(), "--http-address") == arguments.end()) {
    arguments.insert(arguments.end(), {"--http-address", "127.0.0.1:0"});
  }
  arguments.insert(arguments.end(), {"--log-level", "error"});
  const ServerRun run = RunServer(arguments);
  ASSERT_TRUE(run.exit_code.has_value()) << run.out;
  EXPECT_NE(*run.exit_code, 0);
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1) << run.out;
  for (const char* part : GetParam().message_parts) EXPECT_THAT(run.out, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadStartTest,
    ::testing::Values(
        BadStart{"NoModel", {}, {"--model-repository", "--model"}},
        BadStart{"MissingRepository",
                 {"--model-repository", "no-such-folder"},
                 {"no-such-folder", "does not exist"}},
        BadStart{"MissingModelFile", {"--model", "no-such.onnx"}, {"no-such.onnx"}},
        BadStart{"BrokenModelFile",
                 {"--model", InCheckout("tests/fixtures/onnx/bad/conv_node.onnx").string()},
                 {"conv_node.onnx", "Conv", "convolutions over small images"}},
        BadStart{"UnknownFlag", {"--model", "m.onnx", "--gpu"}, {"--gpu"}},
        BadStart{
            "BadNumber", {"--model", "m.onnx", "--rpc-threads", "many"}, {"rpc-threads", "many"}},
        BadStart{
            "NumberOutOfRange", {"--model", "m.onnx", "--max-batch-rows", "0"}, {"max-batch-rows"}},
        BadStart{"BadAddress",
                 {"--model", "m.onnx", "--http-address", "nowhere"},
                 {"'nowhere' is not an address", "host:port"}},
        BadStart{"BadGrpcHost",
                 {"--model-repository", SampleModels().string(), "--grpc-address",
                  "no.such.host.invalid:8001"},
                 {"no.such.host.invalid:8001"}}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(LifecycleTest, EndsWithOneLineIfAPortIsInUse) {
  const TakenPort taken;
  const std::string address = absl::StrCat("127.0.0.1:", taken.port());
  const ServerRun grpc =
      RunServer({"--model-repository", SampleModels().string(), "--http-address", "127.0.0.1:0",
                 "--grpc-address", address, "--log-level", "error"});
  EXPECT_EQ(grpc.exit_code, 1);
  EXPECT_THAT(grpc.out, HasSubstr(address));
  EXPECT_EQ(std::count(grpc.out.begin(), grpc.out.end(), '\n'), 1) << grpc.out;
  const ServerRun http =
      RunServer({"--model-repository", SampleModels().string(), "--grpc-address", "127.0.0.1:0",
                 "--http-address", address, "--log-level", "error"});
  EXPECT_EQ(http.exit_code, 1);
  EXPECT_THAT(http.out, HasSubstr(address));
  EXPECT_EQ(std::count(http.out.begin(), http.out.end(), '\n'), 1) << http.out;
}

TEST(LifecycleTest, TwoServersCannotShareAGrpcPort) {
  const auto first = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(first.ok()) << first.status();
  const ServerRun second =
      RunServer({"--model-repository", SampleModels().string(), "--http-address", "127.0.0.1:0",
                 "--grpc-address", (*first)->grpc_address(), "--log-level", "error"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.out, HasSubstr("in use"));
}

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

TEST(LifecycleTest, ForgetsWatchersThatHaveGone) {
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
TEST(LifecycleTest, KeepsTheDescriptorsOfStandardStreamsThatAreClosed) {
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
  // By now the program has started and opened more descriptors.
  EXPECT_TRUE(Eventually([&] { return !is_open_on("8").empty(); }));
  for (const char* descriptor : {"0", "1", "2"}) {
    EXPECT_EQ(is_open_on(descriptor), "/dev/null") << descriptor;
  }
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

class StopSignalTest : public ::testing::TestWithParam<int> {};

TEST_P(StopSignalTest, AnswersWhatIsInFlightAndExitsWithZero) {
  // Long enough for slow builds on busy machines. The drain ends when the last request is answered.
  const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "60"});
  ASSERT_TRUE(server.ok()) << server.status();
  int answered = 0;
  InferMany(
      OpenChannel((*server)->grpc_address()), 64,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == 1500) return std::nullopt;
        // Sent in the middle of the requests, which continue for a while: load balancers need time
        // to redirect their traffic.
        if (index == 1000) (*server)->Signal(GetParam());
        return DigitsRequest("digits-relu", 32);
      },
      [&](int index, const grpc::Status& status, const ModelInferResponse&) {
        EXPECT_TRUE(status.ok()) << index << ": " << status.error_message();
        answered += status.ok() ? 1 : 0;
      });
  EXPECT_EQ(answered, 1500);
  EXPECT_EQ((*server)->WaitForExit(std::chrono::seconds(90)), 0) << (*server)->log();
  EXPECT_THAT((*server)->log(), HasSubstr("stopped"));
}

INSTANTIATE_TEST_SUITE_P(Both, StopSignalTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& param) {
                           return std::string(param.param == SIGTERM ? "SIGTERM" : "SIGINT");
                         });

TEST(LifecycleTest, StaysLiveButNotReadyWhileItDrainsThenRefusesClients) {
  const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "4"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  bool signalled = false;
  bool refused = false;
  int answered_after_the_signal = 0;
  InferMany(
      channel, 16,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == 500) {
          (*server)->Signal(SIGTERM);
          signalled = true;
        }
        if (index == 600) {
          EXPECT_EQ(HttpGet((*server)->http_port(), "/live").code, 200);
          EXPECT_EQ(HttpGet((*server)->http_port(), "/ready").code, 503);
          HealthCheckResponse health;
          EXPECT_TRUE(CheckHealth(channel, "", health).ok());
          EXPECT_EQ(health.status(), HealthCheckResponse::NOT_SERVING);
        }
        if (refused) return std::nullopt;
        return DigitsRequest("digits-relu");
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        if (status.ok()) {
          answered_after_the_signal += signalled ? 1 : 0;
        } else {
          EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
          EXPECT_THAT(status.error_message(), HasSubstr("stopping"));
          refused = true;
        }
      });
  EXPECT_TRUE(refused);
  EXPECT_GT(answered_after_the_signal, 100);
  EXPECT_EQ((*server)->WaitForExit(std::chrono::seconds(20)), 0) << (*server)->log();
}

TEST(LifecycleTest, GivesUpOnClientsThatDoNotFinishWithinTheDrain) {
  const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "1"});
  ASSERT_TRUE(server.ok()) << server.status();
  // A call whose client never sends the message.
  grpc::GenericStub stub(OpenChannel((*server)->grpc_address()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareCall(&context, "/inference.GRPCInferenceService/ModelInfer", &queue);
  call->StartCall(nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(std::chrono::seconds(15)), 0) << (*server)->log();
  context.TryCancel();
  queue.Shutdown();
}

TEST(ShutdownDelayTest, KeepsServingWithNotServingHealthUntilASecondSignal) {
  const auto server = ServerProcess::StartOnSampleModels({"--shutdown-delay-ms", "600000"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  (*server)->Signal(SIGTERM);
  HealthCheckResponse health;
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(CheckHealth(channel, "", health).ok());
    return health.status() == HealthCheckResponse::NOT_SERVING;
  }));
  EXPECT_EQ(HttpGet((*server)->http_port(), "/ready").code, 503);
  ModelInferResponse response;
  EXPECT_TRUE(
      Infer(*GRPCInferenceService::NewStub(channel), DigitsRequest("digits-tanh"), response).ok());
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(std::chrono::seconds(10)), 128 + SIGTERM);
  EXPECT_THAT((*server)->log(), HasSubstr("second signal, 15: exiting immediately"));
}

// A client that follows the health state loses no request while servers are restarted in turn.
TEST(RollingRestartTest, FailsNoRequest) {
  constexpr int kServers = 4;
  std::vector<std::unique_ptr<ServerProcess>> servers;
  std::mutex mutex;
  std::shared_ptr<grpc::Channel> serving;  // guarded by mutex
  const auto start = [&] {
    auto server = ServerProcess::StartOnSampleModels({"--shutdown-delay-ms", "300"});
    ASSERT_TRUE(server.ok()) << server.status();
    servers.push_back(*std::move(server));
    const std::lock_guard lock(mutex);
    serving = OpenChannel(servers.back()->grpc_address());
  };
  start();
  std::atomic<bool> end = false;
  std::atomic<int> answered = 0;
  std::vector<std::string> failures;
  std::thread client([&] {
    while (!end) {
      std::shared_ptr<grpc::Channel> channel;
      {
        const std::lock_guard lock(mutex);
        channel = serving;
      }
      ModelInferResponse response;
      const grpc::Status status =
          Infer(*GRPCInferenceService::NewStub(channel), DigitsRequest("digits-tanh"), response);
      if (status.ok()) {
        ++answered;
      } else {
        failures.push_back(status.error_message());
      }
    }
  });
  for (int i = 1; i < kServers; ++i) {
    const int before = answered;
    while (answered < before + 50) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    start();
    // The load balancer notices the change of health some time after the signal.
    servers[static_cast<std::size_t>(i - 1)]->Signal(SIGTERM);
  }
  end = true;
  client.join();
  EXPECT_EQ(failures, std::vector<std::string>());
  for (int i = 0; i + 1 < kServers; ++i) {
    EXPECT_EQ(servers[static_cast<std::size_t>(i)]->WaitForExit(), 0);
  }
}

}  // namespace
}  // namespace mlp
