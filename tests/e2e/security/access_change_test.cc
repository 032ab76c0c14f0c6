// Callers identified by certificate, tokens files that change, and calls in streams and over REST.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/access_fixture.h"
#include "tests/e2e/server_log.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using grpc::StatusCode;
using inference::GRPCInferenceService;
using ::testing::HasSubstr;

TEST_F(AccessTest, IdentifiesClientsByTheirCertificates) {
  std::vector<std::string> options = files_.MutualOptions();
  options.insert(options.end(), {"--tls-client-auth", "optional"});
  StartServer(options);
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root, &files_.client);
  EXPECT_EQ(Ask(kAllowed, {}).error_code(), StatusCode::OK);
  EXPECT_EQ(Ask(kForbidden, {}).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(CodeOf(&Inference::LogSettings, inference::LogSettingsRequest(), ""),
            StatusCode::PERMISSION_DENIED);
  // A token takes precedence over the certificate, even a wrong token.
  EXPECT_EQ(Ask(kForbidden, {"Bearer admin-token"}).error_code(), StatusCode::OK);
  EXPECT_EQ(Ask(kAllowed, {"Bearer wrong"}).error_code(), StatusCode::UNAUTHENTICATED);
  // A name from another caller's rule does not count in another field of a certificate.
  const MadeCertificate posing = files_.client_root.Issue({.common_name = "spiffe://test/front",
                                                           .alternative_names = "DNS:spiffe.test",
                                                           .extended_key_usage = "clientAuth"});
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root, &posing);
  EXPECT_EQ(Ask(kAllowed, {}).error_code(), StatusCode::UNAUTHENTICATED);
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root);
  const grpc::Status unknown = Ask(kAllowed, {});
  EXPECT_EQ(unknown.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(unknown.error_message(), "expected a known bearer token or a known client certificate");
}

TEST_F(AccessTest, ReportsTheExpectedCredentialAndNamesTheCallerOfAnExpiredToken) {
  StartWithTls();
  EXPECT_EQ(Ask(kAllowed, {}).error_message(), "expected a known bearer token");
  // Of refusals within a second, only the first has a line.
  EXPECT_TRUE(Logs(*server_, "audit who=- from=127.0.0.1:"));
  EXPECT_EQ(Ask(kAllowed, {"Bearer late-token"}).error_message(), "the credential has expired");
  EXPECT_TRUE(Logs(*server_, "audit who=late from=127.0.0.1:"));
}

TEST_F(AccessTest, AppliesANewFileAndKeepsTheOldOneIfTheNewOneIsInvalid) {
  StartWithTls();
  EXPECT_EQ(Ask(kAllowed, {"Bearer new-token"}).error_code(), StatusCode::UNAUTHENTICATED);
  files_.Write("tokens", TokenLine("new", "infer", "*", "new-token"));
  EXPECT_TRUE(Eventually([&] { return Ask(kAllowed, {"Bearer new-token"}).ok(); }));
  EXPECT_EQ(Ask(kAllowed, {"Bearer infer-token"}).error_code(), StatusCode::UNAUTHENTICATED);
  files_.Write("tokens", "name=new role=king\n");
  EXPECT_TRUE(Logs(*server_, "the new tokens file is refused, and the callers stay as they were"));
  EXPECT_TRUE(Ask(kAllowed, {"Bearer new-token"}).ok());
  Samples metrics = ReadMetrics(server_->http_port());
  EXPECT_EQ(metrics["mlp_tokens_reloads_total{result=\"taken_over\"}"], 1);
  EXPECT_EQ(metrics["mlp_tokens_reloads_total{result=\"refused\"}"], 1);
}

// An open inference stream with a token.
class TokenStream final {
 public:
  TokenStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& token)
      : stub_(GRPCInferenceService::NewStub(channel)) {
    context_.AddMetadata("authorization", Bearer(token));
    stream_ = stub_->ModelStreamInfer(&context_);
  }

  // The error_message of the answer, or "ended" if there is none.
  std::string Ask(const std::string& model) {
    inference::ModelStreamInferResponse response;
    if (!stream_->Write(DigitsRequest(model)) || !stream_->Read(&response)) return "ended";
    return response.error_message();
  }
  grpc::Status Finish() {
    stream_->WritesDone();
    return stream_->Finish();
  }

 private:
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<inference::ModelInferRequest, inference::ModelStreamInferResponse>>
      stream_;
};

TEST_F(AccessTest, EndsAStreamAtTheFirstRequestAfterItsTokenExpires) {
  StartWithTls();
  // A slow server takes over the file, and opens the stream, only after the first tokens have
  // expired.
  for (int seconds = 6; seconds <= 96; seconds *= 2) {
    const std::string token = absl::StrCat("brief-", seconds);
    const absl::Time end = absl::Now() + absl::Seconds(seconds);
    files_.Write("tokens",
                 TokenLine("brief", "infer", "*", token,
                           absl::StrCat("expires=", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", end,
                                                                     absl::UTCTimeZone()))));
    ASSERT_TRUE(
        Eventually([&] { return Ask(kAllowed, {Bearer(token)}).ok() || absl::Now() > end; }));
    TokenStream stream(channel_, token);
    if (stream.Ask(kAllowed) != "") continue;
    absl::SleepFor(end - absl::Now() + absl::Milliseconds(50));
    EXPECT_EQ(stream.Ask(kAllowed), "ended");
    EXPECT_EQ(stream.Finish().error_code(), StatusCode::UNAUTHENTICATED);
    return;
  }
  FAIL() << "no stream began before its token expired";
}

TEST_F(AccessTest, EndsAStreamWhoseTokenWasRemoved) {
  StartWithTls();
  TokenStream stream(channel_, "infer-token");
  EXPECT_EQ(stream.Ask(kAllowed), "");
  files_.Write("tokens", TokenLine("new", "infer", "*", "new-token"));
  EXPECT_TRUE(Logs(*server_, "the new tokens file is in use"));
  EXPECT_EQ(stream.Ask(kAllowed), "ended");
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, ChecksTheModelOfEachRequestOfAStream) {
  StartWithTls();
  TokenStream stream(channel_, "infer-token");
  EXPECT_EQ(stream.Ask(kAllowed), "");
  const std::string denied = stream.Ask(kForbidden);
  EXPECT_THAT(denied, HasSubstr("may not ask"));
  EXPECT_EQ(stream.Ask("no-such-model"), denied);
  EXPECT_EQ(stream.Ask(kAllowed), "");
  EXPECT_TRUE(stream.Finish().ok());
  TokenStream of_nobody(channel_, "wrong");
  EXPECT_EQ(of_nobody.Ask(kAllowed), "ended");
  EXPECT_EQ(of_nobody.Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, AcceptsPlaintextTokensOnLoopbackIfAllowed) {
  StartServer({"--allow-plaintext-tokens", "--rest-address", "127.0.0.1:0", "--model-control",
               "explicit", "--load-model", "*"});
  channel_ = OpenChannel(server_->grpc_address());
  EXPECT_EQ(Ask(kAllowed, {"Bearer infer-token"}).error_code(), StatusCode::OK);
  EXPECT_EQ(Ask(kAllowed, {}).error_code(), StatusCode::UNAUTHENTICATED);

  RestClient rest(server_->rest_port());
  const std::string infer = "Authorization: Bearer infer-token\r\n";
  const std::string admin = "Authorization: bearer admin-token\r\n";
  const std::string body =
      R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[0,64],"data":[]}]})";
  const auto path = [](const std::string& model) { return "/v2/models/" + model + "/infer"; };
  EXPECT_EQ(rest.Post(path(kAllowed), body).code, 401);
  EXPECT_EQ(rest.Post(path(kAllowed), body).headers["www-authenticate"], "Bearer");
  EXPECT_EQ(rest.Post(path(kAllowed), body, infer).code, 200);
  const RestAnswer existing = rest.Post(path(kForbidden), body, infer);
  const RestAnswer missing = rest.Post(path("no-such-model"), body, infer);
  EXPECT_EQ(existing.code, 403);
  EXPECT_EQ(missing.code, 403);
  EXPECT_EQ(existing.body, missing.body);
  EXPECT_EQ(rest.Post(path(kAllowed), body, infer + infer).code, 401);
  EXPECT_EQ(rest.Get("/v2/models/digits-tanh").code, 401);
  EXPECT_EQ(rest.Get("/v2/models/digits-tanh", infer).code, 200);
  EXPECT_EQ(rest.Get("/v2/models/digits-elu", infer).code, 403);
  EXPECT_EQ(rest.Get("/v2/models/stats", infer).code, 403);
  EXPECT_EQ(rest.Get("/v2/models/stats", admin).code, 200);
  EXPECT_EQ(rest.Post("/v2/repository/index", "", infer).code, 403);
  EXPECT_EQ(rest.Post("/v2/repository/index", "", admin).code, 200);
  EXPECT_EQ(rest.Get("/v2/health/live").code, 200);
  EXPECT_EQ(rest.Get("/v2/health/ready").code, 200);
  EXPECT_EQ(rest.Get("/v2/logging", infer).code, 403);
  EXPECT_EQ(rest.Get("/v2/logging", admin).code, 200);
  EXPECT_EQ(rest.Post("/v2/repository/models/digits-tanh/unload", "", infer).code, 403);
  EXPECT_EQ(rest.Post("/v2/repository/models/digits-tanh/load", "", admin).code, 200);
  EXPECT_TRUE(Logs(*server_, "audit who=operator from=127.0.0.1:"));
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelLoad model='digits-tanh' result=OK"));
}

}  // namespace
}  // namespace mlp
