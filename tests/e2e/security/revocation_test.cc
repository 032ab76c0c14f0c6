// Revocation lists that go out of date in use, or are out of date or not valid yet at the start.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class RevocationTest : public ::testing::Test {
 protected:
  std::string List(const ListWishes& wishes) const {
    return files_.client_root.RevocationList({&files_.revoked_client}, wishes);
  }

  // The error of a server that cannot start.
  std::string ErrorOfStart() const {
    std::vector<std::string> options = files_.MutualOptions();
    options.insert(options.end(), {"--model-repository", SampleModels().string(), "--grpc-address",
                                   "127.0.0.1:0", "--http-address", "127.0.0.1:0"});
    const ServerRun run = RunServer(options);
    EXPECT_EQ(run.exit_code, 1);
    return run.out;
  }

  bool IsLetIn(const MadeCertificate& client) const {
    return AskWith(OpenSecureChannel(server_->grpc_address(), files_.root, &client), "digits-tanh")
        .ok();
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(RevocationTest, RefusesToStartWithAListThatIsNotCurrent) {
  files_.Write("crl.pem", List({.issued_seconds = -7200, .ends_seconds = -3600}));
  EXPECT_THAT(ErrorOfStart(),
              HasSubstr("--tls-crl: '" + files_.Path("crl.pem") +
                        "': revocation list number 1 has been out of date since 20"));
  files_.Write("crl.pem", List({.issued_seconds = 3600, .ends_seconds = 7200}));
  EXPECT_THAT(ErrorOfStart(), HasSubstr("revocation list number 1 is not valid before 20"));
}

TEST_F(RevocationTest, KeepsServingWithAnExpiredListAndReportsIt) {
  // A slow server reads the first lists only after their end, and does not start.
  std::time_t earliest_end = 0;
  std::time_t latest_end = 0;
  for (int seconds = 6; seconds <= 96 && server_ == nullptr; seconds *= 2) {
    earliest_end = std::time(nullptr) + seconds;
    files_.Write("crl.pem", List({.ends_seconds = seconds}));
    latest_end = std::time(nullptr) + seconds;
    auto server = ServerProcess::StartOnSampleModels(files_.MutualOptions());
    ASSERT_TRUE(server.ok() || latest_end <= std::time(nullptr)) << server.status();
    if (server.ok()) server_ = *std::move(server);
  }
  ASSERT_NE(server_, nullptr) << "no server started before the end of its list";
  const auto metric = [this](const std::string& name) {
    return ReadMetrics(server_->http_port())[name];
  };
  const std::string ends =
      "mlp_tls_certificate_not_after_timestamp_seconds{file=\"revocation_lists\"}";
  EXPECT_GE(metric(ends), static_cast<double>(earliest_end));
  EXPECT_LE(metric(ends), static_cast<double>(latest_end));
  EXPECT_TRUE(
      Logs(*server_, "warning the revocation lists of --tls-crl have been out of date since "));
  EXPECT_TRUE(IsLetIn(files_.client));
  EXPECT_FALSE(IsLetIn(files_.revoked_client));
  EXPECT_LE(metric(ends), static_cast<double>(std::time(nullptr)));

  // The list that is out of date does not keep a new certificate from being used.
  files_.Issue();
  EXPECT_TRUE(Eventually([&] {
    return metric("mlp_tls_reloads_total{result=\"taken_over\"}") == 1;
  })) << server_->log();
  EXPECT_TRUE(IsLetIn(files_.client));
  EXPECT_FALSE(IsLetIn(files_.revoked_client));

  // Another list that is out of date is refused; a valid one is taken over.
  files_.Write("crl.pem", files_.client_root.RevocationList({}, {.ends_seconds = -1}));
  EXPECT_TRUE(Eventually([&] { return metric("mlp_tls_reloads_total{result=\"refused\"}") == 1; }));
  EXPECT_FALSE(IsLetIn(files_.revoked_client));
  files_.Write("crl.pem", files_.client_root.RevocationList({&files_.client}));
  EXPECT_TRUE(Eventually([&] { return !IsLetIn(files_.client); }));
  EXPECT_TRUE(IsLetIn(files_.revoked_client));
  EXPECT_GT(metric(ends), static_cast<double>(std::time(nullptr)));
}

}  // namespace
}  // namespace mlp
