// New certificates while a server serves: taken over without a failed call, or refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

// The long run in docs/measurements/tls.md has TESTED_ROTATIONS=100.
int Rotations() {
  const char* const wanted = std::getenv("TESTED_ROTATIONS");  // NOLINT(concurrency-mt-unsafe)
  int rotations = 3;
  if (wanted != nullptr && !absl::SimpleAtoi(wanted, &rotations)) rotations = 0;
  return rotations;
}

class RotationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> options = files_.MutualOptions();
    // This process may stall for seconds in a handshake.
    options.insert(options.end(), {"--handshake-ms", "60000"});
    auto server = ServerProcess::StartOnSampleModels(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  double Reloads(const std::string& result) const {
    return ReadMetrics(server_->http_port())["mlp_tls_reloads_total{result=\"" + result + "\"}"];
  }

  // As the server counts them: only root can read its folder in /proc, because it holds a key.
  int OpenDescriptors() const {
    return static_cast<int>(ReadMetrics(server_->http_port())["process_open_fds"]);
  }

  grpc::Status AskAnew(const MadeCertificate& root) const {
    return AskWith(OpenSecureChannel(server_->grpc_address(), root, &files_.client), "digits-tanh");
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(RotationTest, FailsNoCallAndLeaksNoDescriptor) {
  ASSERT_TRUE(AskAnew(files_.root).ok());
  const int descriptors = OpenDescriptors();
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  const auto channel = OpenSecureChannel(server_->grpc_address(), files_.root, &files_.client);
  const auto ask = [&](bool with_new_connections) {
    while (!over) {
      const grpc::Status status =
          with_new_connections ? AskAnew(files_.root) : AskWith(channel, "digits-tanh");
      ++(status.ok() ? answered : failed);
      if (!status.ok()) ADD_FAILURE() << status.error_message();
    }
  };
  std::thread on_new_connections(ask, true);
  std::thread on_one_connection(ask, false);
  const int rotations = Rotations();
  for (int i = 1; i <= rotations; ++i) {
    files_.Issue();
    EXPECT_TRUE(Eventually([&] { return Reloads("taken_over") >= i; })) << server_->log();
  }
  over = true;
  on_new_connections.join();
  on_one_connection.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, 10);
  EXPECT_EQ(Reloads("refused"), 0);
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= descriptors + 1; }))
      << OpenDescriptors() << " open, " << descriptors << " before";
  std::cout << rotations << " rotations, " << answered << " calls, " << failed << " failed\n";
}

TEST_F(RotationTest, ShowsTheNewCertificateAndTrustsTheNewAuthority) {
  const MadeCertificate new_root =
      MadeCertificate::SelfSigned({.common_name = "new root", .is_authority = true});
  const MadeCertificate server = new_root.Issue({});
  files_.Write("server.key", server.key_pem());
  files_.Write("server.pem", server.pem());
  EXPECT_TRUE(Eventually([&] { return AskAnew(new_root).ok(); }));
  // Clients of another authority, and no longer those of the first one.
  files_.Write("crl.pem", new_root.RevocationList({}));
  files_.Write("clients.pem", new_root.pem());
  const MadeCertificate client = new_root.Issue({.extended_key_usage = "clientAuth"});
  EXPECT_TRUE(Eventually([&] {
    return AskWith(OpenSecureChannel(server_->grpc_address(), new_root, &client), "digits-tanh")
        .ok();
  }));
  EXPECT_TRUE(Eventually([&] { return !AskAnew(new_root).ok(); }));
}

TEST_F(RotationTest, RevokesAClientByANewList) {
  ASSERT_TRUE(AskAnew(files_.root).ok());
  files_.Write("crl.pem", files_.client_root.RevocationList({&files_.client}));
  EXPECT_TRUE(Eventually([&] { return !AskAnew(files_.root).ok(); }));
}

TEST_F(RotationTest, RefusesInvalidFilesAndKeepsServingWithTheOldOnes) {
  const MadeCertificate other = files_.root.Issue({});
  files_.Write("server.pem", other.pem());  // without its key
  EXPECT_TRUE(Eventually([&] { return Reloads("refused") == 1; }));
  EXPECT_TRUE(Logs(*server_, "the new TLS files are refused, and the old ones stay in use: "));
  EXPECT_TRUE(Logs(*server_, "it does not belong to the certificate"));
  EXPECT_TRUE(AskAnew(files_.root).ok());
  files_.Write("server.key", other.key_pem());  // now with its key
  EXPECT_TRUE(Eventually([&] { return Reloads("taken_over") == 1; }));
  EXPECT_TRUE(AskAnew(files_.root).ok());
  std::filesystem::remove(files_.Path("server.pem"));
  EXPECT_TRUE(Eventually([&] { return Reloads("refused") == 2; }));
  EXPECT_TRUE(AskAnew(files_.root).ok());
}

}  // namespace
}  // namespace mlp
