// A server whose HTTP ports have TLS, and requests over TLS for it.

#ifndef MLP_TESTS_E2E_SECURITY_HTTP_TLS_TEST_H_
#define MLP_TESTS_E2E_SECURITY_HTTP_TLS_TEST_H_

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/e2e/process_times.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/https_client.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/server_process.h"

namespace mlp {

class HttpTlsTest : public ::testing::Test {
 protected:
  static constexpr char kInferPath[] = "/v2/models/digits-tanh/infer";
  static constexpr char kModelReady[] = "/v2/models/digits-tanh/ready";
  static constexpr const char* kHttpPages[] = {"/live", "/ready",       "/metrics",
                                               "/",     "/status.json", "/models/digits-tanh"};

  // A JSON request whose rows differ.
  static std::string JsonRows(int rows) {
    std::string data;
    for (int i = 0; i < rows * 64; ++i) absl::StrAppend(&data, i == 0 ? "" : ",", i % 17, ".5");
    return absl::StrCat(R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[)", rows,
                        R"(,64],"data":[)", data, "]}]}");
  }

  // How often a test is repeated because of a machine that stalls. A fault of the server shows each
  // time.
  static constexpr int kMaxAttempts = 3;

  // Whether a client that failed after this time may have failed because its process stood still:
  // the server closes a connection after 5 s of that. A client that gets no answer fails after 60
  // s.
  static bool MayHaveStalled(absl::Duration time) {
    return time > absl::Seconds(4) && time < absl::Seconds(30);
  }

  // A server may close a connection while the test writes to it.
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }

  void StartServer(const std::vector<std::string>& more = {}) {
    std::vector<std::string> options = files_.ServerOptions();
    options.insert(options.end(), {"--http-tls", "--rest-address", "127.0.0.1:0"});
    options.insert(options.end(), more.begin(), more.end());
    StartWith(std::move(options));
  }
  void StartWith(std::vector<std::string> options) {
    auto server = ServerProcess::StartOnSampleModels(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  int http_port() const { return server_->http_port(); }
  int rest_port() const { return server_->rest_port(); }
  RestAnswer Get(int port, const std::string& path) const {
    return HttpsGet(port, files_.root, path);
  }
  double Metric(const std::string& name) const {
    return ReadMetricsOverTls(http_port(), files_.root)[name];
  }
  double FailedHandshakes() const { return Metric("mlp_http_tls_handshakes_failed_total"); }

  int OpenDescriptors() const { return mlp::OpenDescriptors(server_->pid()); }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_HTTP_TLS_TEST_H_
