// The admin address, and unix: sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using grpc::StatusCode;
using inference::GRPCInferenceService;
using ::testing::HasSubstr;

class AdminAddressTest : public ::testing::Test {
 protected:
  void StartServer(std::vector<std::string> options) {
    options.insert(options.end(), {"--model-control", "explicit", "--load-model", "*"});
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  static StatusCode Load(const std::shared_ptr<grpc::Channel>& channel,
                         const std::string& token = "") {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", Bearer(token));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    inference::RepositoryModelLoadRequest request;
    request.set_model_name("digits-tanh");
    inference::RepositoryModelLoadResponse response;
    return GRPCInferenceService::NewStub(channel)
        ->RepositoryModelLoad(&context, request, &response)
        .error_code();
  }
  static StatusCode ReadLogSettings(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    inference::LogSettingsResponse response;
    return GRPCInferenceService::NewStub(channel)
        ->LogSettings(&context, {}, &response)
        .error_code();
  }

  static int ModeOf(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(stat(path.c_str(), &facts), 0) << path;
    return static_cast<int>(facts.st_mode & 0777);
  }

  // The address after "admin calls on " in the log.
  std::string AdminAddress() const {
    const std::string log = server_->log();
    const std::string mark = "admin calls on ";
    const std::size_t begin = log.find(mark) + mark.size();
    return log.substr(begin, log.find(' ', begin) - begin);
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(AdminAddressTest, IsTheOnlyAddressThatServesAdminCalls) {
  const std::string socket = "unix:" + files_.Path("admin.sock");
  StartServer({"--admin-address", socket, "--rest-address", "127.0.0.1:0"});
  const auto everybodys = OpenChannel(server_->grpc_address());
  const auto operators = OpenChannel(socket);
  EXPECT_EQ(Load(everybodys), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ReadLogSettings(everybodys), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Load(operators), StatusCode::OK);
  EXPECT_EQ(ReadLogSettings(operators), StatusCode::OK);
  EXPECT_TRUE(AskWith(everybodys, "digits-tanh").ok());
  EXPECT_TRUE(AskWith(operators, "digits-tanh").ok());
  RestClient rest(server_->rest_port());
  EXPECT_EQ(rest.Post("/v2/repository/models/digits-tanh/load", "").code, 403);
  EXPECT_EQ(rest.Get("/v2/logging").code, 403);
  EXPECT_EQ(rest.Get("/v2/models/digits-tanh").code, 200);
  EXPECT_TRUE(Logs(*server_, "audit who=admin-address from=unix: call=RepositoryModelLoad"));
}

TEST_F(AdminAddressTest, RequiresNoTokenAtASocketWithAMode) {
  files_.Write("tokens", TokenLine("operator", "admin", "*", "admin-token"));
  const std::string socket = files_.Path("admin.sock");
  std::vector<std::string> options = files_.ServerOptions();
  options.insert(options.end(), {"--tokens-file", files_.Path("tokens"), "--admin-address",
                                 "unix:" + socket, "--admin-socket-mode", "0620"});
  StartServer(options);
  EXPECT_EQ(ModeOf(socket), 0620);
  EXPECT_EQ(Load(OpenChannel("unix:" + socket)), StatusCode::OK);
  // A client's unix socket has no name, so the log says which process has it.
  EXPECT_TRUE(Logs(*server_, absl::StrCat("audit who=admin-address from=uid:", getuid(),
                                          ",pid:", getpid(), " call=connection")));
  // At other addresses, the role is not enough.
  EXPECT_EQ(Load(OpenSecureChannel(server_->grpc_address(), files_.root), "admin-token"),
            StatusCode::PERMISSION_DENIED);
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->WaitForExit(), 0);
  EXPECT_FALSE(std::filesystem::exists(socket));
}

TEST_F(AdminAddressTest, KeepsItsModeIfTheGrpcSocketIsOpenToAll) {
  const std::string everybodys = files_.Path("grpc.sock");
  const std::string operators = files_.Path("admin.sock");
  auto server = ServerProcess::StartUntil(
      "; ready ", {"--model-repository", SampleModels().string(), "--grpc-address",
                   "unix:" + everybodys, "--http-address", "127.0.0.1:0", "--admin-address",
                   "unix:" + operators, "--unix-socket-mode", "0666"});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(ModeOf(everybodys), 0666);
  EXPECT_EQ(ModeOf(operators), 0600);
}

TEST_F(AdminAddressTest, RequiresTheAdminRoleAtALoopbackPort) {
  files_.Write("tokens", TokenLine("operator", "admin", "*", "admin-token") +
                             TokenLine("asker", "infer", "*", "infer-token"));
  std::vector<std::string> options = files_.ServerOptions();
  options.insert(options.end(),
                 {"--tokens-file", files_.Path("tokens"), "--admin-address", "127.0.0.1:0"});
  StartServer(options);
  const auto operators = OpenChannel(AdminAddress());
  EXPECT_EQ(Load(operators), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Load(operators, "infer-token"), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Load(operators, "admin-token"), StatusCode::OK);
}

TEST_F(AdminAddressTest, IsRefusedIfItIsInUse) {
  const auto error = [&](const std::string& grpc, const std::string& admin) {
    const ServerRun run =
        RunServer({"--model-repository", SampleModels().string(), "--grpc-address", grpc,
                   "--http-address", "127.0.0.1:0", "--admin-address", admin});
    EXPECT_EQ(run.exit_code, 1) << run.out;
    return run.out;
  };
  const std::string socket = "unix:" + files_.Path("both.sock");
  EXPECT_THAT(error(socket, socket), HasSubstr("cannot listen on '" + socket + "': is in use"));
  EXPECT_FALSE(std::filesystem::exists(files_.Path("both.sock")));
  StartServer({});
  const std::string taken = server_->grpc_address();
  EXPECT_THAT(error("127.0.0.1:0", taken), HasSubstr("cannot listen on '" + taken + "'"));
}

TEST_F(AdminAddressTest, ServesEverythingOnASocket) {
  const std::string socket = files_.Path("grpc.sock");
  // The socket file that a killed server leaves does not stop the next server.
  for (int i = 0; i < 2; ++i) {
    auto server = ServerProcess::StartUntil(
        "; ready ", {"--model-repository", SampleModels().string(), "--grpc-address",
                     "unix:" + socket, "--http-address", "127.0.0.1:0"});
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_TRUE(AskWith(OpenChannel("unix:" + socket), "digits-tanh").ok());
    EXPECT_EQ(ModeOf(socket), 0600);
    const ServerRun second =
        RunServer({"--model-repository", SampleModels().string(), "--grpc-address",
                   "unix:" + socket, "--http-address", "127.0.0.1:0", "--log-level", "error"});
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_THAT(second.out, HasSubstr("is in use"));
    (*server)->Signal(SIGKILL);
    (*server)->WaitForExit();
    EXPECT_TRUE(std::filesystem::exists(socket));
  }
}

}  // namespace
}  // namespace mlp
