// A server with callers of each role, and calls with their tokens.

#ifndef MLP_TESTS_E2E_SECURITY_ACCESS_FIXTURE_H_
#define MLP_TESTS_E2E_SECURITY_ACCESS_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_process.h"

namespace mlp {

inline constexpr char kAllowed[] = "digits-tanh";
inline constexpr char kForbidden[] = "digits-elu";

inline std::string CallersOfTheTest() {
  return TokenLine("watcher", "observe", kAllowed, "observe-token") +
         TokenLine("asker", "infer", "digits-tanh,digits-re*", "infer-token") +
         TokenLine("operator", "admin", "*", "admin-token") +
         TokenLine("late", "admin", "*", "late-token", "expires=2020-01-01T00:00:00Z") +
         "name=front role=infer models=digits-tanh uri=spiffe://test/*\n";
}

class AccessTest : public ::testing::Test {
 protected:
  void SetUp() override { files_.Write("tokens", CallersOfTheTest()); }

  void StartServer(std::vector<std::string> options) {
    options.insert(options.end(), {"--tokens-file", files_.Path("tokens")});
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StartWithTls(const std::vector<std::string>& more = {}) {
    std::vector<std::string> options = files_.ServerOptions();
    options.insert(options.end(), more.begin(), more.end());
    StartServer(options);
    channel_ = OpenSecureChannel(server_->grpc_address(), files_.root);
  }

  // Makes the unary call with the token, and returns the answer's status.
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, const std::string& token, Response* response) const {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", Bearer(token));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    Stub stub(channel_);
    return (stub.*method)(&context, request, response);
  }
  template <typename Stub, typename Request, typename Response>
  grpc::StatusCode CodeOf(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                       Response*),
                          const Request& request, const std::string& token) const {
    Response response;
    return Call(method, request, token, &response).error_code();
  }

  grpc::Status Ask(const std::string& model, const std::vector<std::string>& authorization) const {
    return AskWith(channel_, model, authorization);
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

using Inference = inference::GRPCInferenceService::Stub;

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_ACCESS_FIXTURE_H_
