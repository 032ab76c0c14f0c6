// Who may make which call, by token and by certificate, and what wrong credentials come to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/health.grpc.pb.h"
#include "proto/insight.grpc.pb.h"
#include "proto/reflection.grpc.pb.h"
#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using grpc::StatusCode;
using inference::GRPCInferenceService;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAllowed[] = "digits-tanh";
constexpr char kForbidden[] = "digits-elu";

std::string CallersOfTheTest() {
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

  // Makes the unary call with the token, and gives the answer's status.
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, const std::string& token, Response* response) const {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", Bearer(token));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    Stub stub(channel_);
    return (stub.*method)(&context, request, response);
  }
  template <typename Stub, typename Request, typename Response>
  StatusCode CodeOf(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
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

using Inference = GRPCInferenceService::Stub;

TEST_F(AccessTest, GivesEachRoleItsCalls) {
  StartWithTls({"--model-control", "explicit", "--load-model", "*"});
  inference::ModelMetadataRequest metadata;
  metadata.set_name(kAllowed);
  inference::ModelConfigRequest config;
  config.set_name(kAllowed);
  inference::ModelStatisticsRequest statistics;
  statistics.set_name(kAllowed);
  inference::ModelReadyRequest ready;
  ready.set_name(kAllowed);
  inference::RepositoryModelLoadRequest load;
  load.set_model_name(kAllowed);
  inference::RepositoryModelUnloadRequest unload;
  unload.set_model_name("none");
  mlpserve::v1::StatusRequest status;
  status.set_model_name(kAllowed);
  mlpserve::v1::AcceptWindowsRequest accept;
  accept.set_model_name("none");
  using Insight = mlpserve::v1::Insight::Stub;
  const auto codes = [&](const std::string& token) {
    return std::vector<StatusCode>{
        CodeOf(&Inference::ServerMetadata, inference::ServerMetadataRequest(), token),
        CodeOf(&Inference::ModelMetadata, metadata, token),
        CodeOf(&Inference::ModelConfig, config, token),
        CodeOf(&Inference::ModelStatistics, statistics, token),
        CodeOf(&Inference::ModelReady, ready, token),
        CodeOf(&Inference::RepositoryIndex, inference::RepositoryIndexRequest(), token),
        CodeOf(&Insight::Status, status, token),
        CodeOf(&Inference::ModelInfer, DigitsRequest(kAllowed), token),
        CodeOf(&Inference::RepositoryModelLoad, load, token),
        CodeOf(&Inference::RepositoryModelUnload, unload, token),
        CodeOf(&Inference::LogSettings, inference::LogSettingsRequest(), token),
        CodeOf(&Insight::AcceptWindows, accept, token)};
  };
  constexpr StatusCode kOk = StatusCode::OK;
  constexpr StatusCode kNo = StatusCode::PERMISSION_DENIED;
  EXPECT_THAT(codes("observe-token"),
              ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk, kOk, kNo, kNo, kNo, kNo, kNo));
  EXPECT_THAT(codes("infer-token"),
              ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk, kOk, kOk, kNo, kNo, kNo, kNo));
  EXPECT_THAT(codes("admin-token"), ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk, kOk, kOk, kOk,
                                                StatusCode::NOT_FOUND, kOk, StatusCode::NOT_FOUND));
  const std::vector<StatusCode> nobody(12, StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(codes(""), nobody);
  EXPECT_EQ(codes("late-token"), nobody);
  EXPECT_EQ(codes("wrong-token"), nobody);
  Samples metrics = ReadMetrics(server_->http_port());
  EXPECT_EQ(metrics["mlp_unauthenticated_total"], 36);
  EXPECT_EQ(metrics["mlp_permission_denied_total{role=\"infer\"}"], 1);
  EXPECT_EQ(metrics["mlp_permission_denied_total{role=\"admin\"}"], 8);
  EXPECT_EQ(metrics["mlp_rejected_total{model=\"\",reason=\"denied\"}"], 4);
  EXPECT_EQ(metrics["mlp_open_to_all"], 0);
  EXPECT_TRUE(Logs(*server_, "audit who=operator from=ipv4:127.0.0.1:"));
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelLoad model='digits-tanh' result=OK"));
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelUnload model='none' result=NOT_FOUND"));
}

TEST_F(AccessTest, LimitsFloodsOfRefusalsToALineASecond) {
  StartWithTls();
  const auto start = absl::Now();
  for (int i = 0; i < 300; ++i) Ask(kAllowed, {});
  const auto seconds = absl::ToDoubleSeconds(absl::Now() - start);
  EXPECT_TRUE(Logs(*server_, "more were refused"));
  const std::string log = server_->log();
  int lines = 0;
  for (std::size_t at = log.find("result=UNAUTHENTICATED"); at != std::string::npos;
       at = log.find("result=UNAUTHENTICATED", at + 1)) {
    ++lines;
  }
  EXPECT_LE(lines, seconds + 2);
}

TEST_F(AccessTest, TellsNobodyWhetherThereIsAModelThatHeMayNotAskFor) {
  StartWithTls();
  const std::vector<std::string> infer = {Bearer("infer-token")};
  const grpc::Status there = Ask(kForbidden, infer);
  const grpc::Status not_there = Ask("no-such-model", infer);
  EXPECT_EQ(there.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(not_there.error_code(), there.error_code());
  EXPECT_EQ(not_there.error_message(), there.error_message());
  for (const char* model : {kForbidden, "no-such-model"}) {
    inference::ModelMetadataRequest request;
    request.set_name(model);
    inference::ModelMetadataResponse response;
    const grpc::Status status = Call(&Inference::ModelMetadata, request, "infer-token", &response);
    EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(status.error_message(), there.error_message());
  }
  // Whom the name is allowed learns that there is none.
  EXPECT_EQ(Ask("digits-rest", infer).error_code(), StatusCode::NOT_FOUND);

  inference::RepositoryIndexResponse index;
  ASSERT_TRUE(Call(&Inference::RepositoryIndex, inference::RepositoryIndexRequest(),
                   "observe-token", &index)
                  .ok());
  ASSERT_EQ(index.models_size(), 1);
  EXPECT_EQ(index.models(0).name(), kAllowed);
  inference::ModelStatisticsResponse statistics;
  ASSERT_TRUE(Call(&Inference::ModelStatistics, inference::ModelStatisticsRequest(),
                   "observe-token", &statistics)
                  .ok());
  ASSERT_EQ(statistics.model_stats_size(), 1);
  using Insight = mlpserve::v1::Insight::Stub;
  EXPECT_EQ(CodeOf(&Insight::Status, mlpserve::v1::StatusRequest(), "observe-token"),
            StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(CodeOf(&Insight::Status, mlpserve::v1::StatusRequest(), "admin-token"), StatusCode::OK);
}

TEST_F(AccessTest, DecidesBeforeItDecodesTheRequest) {
  StartWithTls();
  const std::string method = "/inference.GRPCInferenceService/";
  for (const char* call : {"ModelInfer", "ModelMetadata", "RepositoryModelLoad", "LogSettings"}) {
    EXPECT_EQ(CallWithBytes(channel_, method + call, "\xff\xff").error_code(),
              StatusCode::UNAUTHENTICATED)
        << call;
  }
  // Nor does it tell which methods there are.
  EXPECT_EQ(CallWithBytes(channel_, "/no.Service/Method", "").error_code(),
            StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, AsksTheCallersOfReflectionAndOfModelsHealth) {
  StartWithTls();
  const auto reflect = [this](const std::string& token) {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", Bearer(token));
    auto stub = grpc::reflection::v1alpha::ServerReflection::NewStub(channel_);
    auto stream = stub->ServerReflectionInfo(&context);
    grpc::reflection::v1alpha::ServerReflectionRequest request;
    request.set_list_services("");
    stream->Write(request);
    grpc::reflection::v1alpha::ServerReflectionResponse response;
    const bool answered = stream->Read(&response);
    stream->WritesDone();
    const grpc::Status end = stream->Finish();
    return answered ? StatusCode::OK : end.error_code();
  };
  EXPECT_EQ(reflect(""), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(reflect("observe-token"), StatusCode::OK);

  using Health = grpc::health::v1::Health::Stub;
  const auto health = [this](const std::string& service, const std::string& token) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    return CodeOf(&Health::Check, request, token);
  };
  EXPECT_EQ(health("", ""), StatusCode::OK);
  EXPECT_EQ(health("inference.GRPCInferenceService", ""), StatusCode::OK);
  EXPECT_EQ(health(kAllowed, ""), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(health("no-such-model", ""), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(health(kAllowed, "observe-token"), StatusCode::OK);
  EXPECT_EQ(health(kForbidden, "observe-token"), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(CodeOf(&Inference::ServerLive, inference::ServerLiveRequest(), ""), StatusCode::OK);

  StartWithTls({"--health-needs-observe"});
  EXPECT_EQ(health("", ""), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(health("", "observe-token"), StatusCode::OK);
  EXPECT_EQ(CodeOf(&Inference::ServerLive, inference::ServerLiveRequest(), ""),
            StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, TakesTheHeaderInItsOneRightForm) {
  StartWithTls();
  const auto code = [this](const std::vector<std::string>& authorization) {
    return Ask(kAllowed, authorization).error_code();
  };
  EXPECT_EQ(code({"Bearer infer-token"}), StatusCode::OK);
  EXPECT_EQ(code({"bEARER infer-token"}), StatusCode::OK);
  EXPECT_EQ(code({"BEARER  infer-token"}), StatusCode::OK);
  for (const char* wrong :
       {"Bearerinfer-token", "Bearer", "Bearer ", "Basic infer-token", "infer-token",
        "Bearer infer-token infer-token", "Bearer infer-token,Bearer infer-token",
        "Bearer infer-token x", "Bearer infer-toke", "Bearer infer-tokens", "Bearer INFER-TOKEN"}) {
    EXPECT_EQ(code({wrong}), StatusCode::UNAUTHENTICATED) << wrong;
  }
  EXPECT_EQ(code({"Bearer infer-token", "Bearer infer-token"}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code({"Bearer wrong", "Bearer infer-token"}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code({Bearer(std::string(600, 'a'))}), StatusCode::UNAUTHENTICATED);
  // Beyond --max-metadata-bytes, gRPC refuses them itself.
  EXPECT_NE(code({Bearer(std::string(1 << 20, 'a'))}), StatusCode::OK);
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root);  // it may end the connection
  EXPECT_EQ(code({"Bearer infer-token"}), StatusCode::OK);
}

TEST_F(AccessTest, TakesNoTokenWithOtherBytes) {
  StartServer({"--allow-plaintext-tokens"});
  const std::string message = DigitsRequest(kAllowed).SerializeAsString();
  const auto answered = [&](const std::string& authorization) {
    const std::string ok = R"(mlp_requests_total{code="OK",model="digits-tanh",version="1"})";
    const double before = ReadMetrics(server_->http_port())[ok];
    Http2Connection connection(server_->grpc_port());
    EXPECT_TRUE(connection.IsServed());
    std::uint32_t stream = 1;
    connection.Send(
        AskCalls(CallHeaders(kModelInfer, {{"authorization", authorization}}), message, 1, stream));
    connection.IsServed();
    // It is answered, or gRPC has refused the header.
    absl::SleepFor(absl::Milliseconds(200));
    return ReadMetrics(server_->http_port())[ok] > before;
  };
  const std::string nul(1, '\0');
  EXPECT_TRUE(answered("Bearer infer-token"));
  EXPECT_FALSE(answered("Bearer infer-token" + nul));
  EXPECT_FALSE(answered("Bearer infer-token" + nul + "x"));
  EXPECT_FALSE(answered("Bearer" + nul + " infer-token"));
  EXPECT_FALSE(answered(nul + "Bearer infer-token"));
  EXPECT_FALSE(answered("Bearer infer-token\n"));
  EXPECT_FALSE(answered("Bearer \xc3\xa4"));
  EXPECT_TRUE(answered("Bearer infer-token"));
}

TEST_F(AccessTest, KnowsClientsByTheirCertificates) {
  std::vector<std::string> options = files_.MutualOptions();
  options.insert(options.end(), {"--tls-client-auth", "optional"});
  StartServer(options);
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root, &files_.client);
  EXPECT_EQ(Ask(kAllowed, {}).error_code(), StatusCode::OK);
  EXPECT_EQ(Ask(kForbidden, {}).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(CodeOf(&Inference::LogSettings, inference::LogSettingsRequest(), ""),
            StatusCode::PERMISSION_DENIED);
  // A token goes before it, also a wrong one.
  EXPECT_EQ(Ask(kForbidden, {"Bearer admin-token"}).error_code(), StatusCode::OK);
  EXPECT_EQ(Ask(kAllowed, {"Bearer wrong"}).error_code(), StatusCode::UNAUTHENTICATED);
  // A name that somebody else's rule has does not stand where others look for it.
  const MadeCertificate posing = files_.client_root.Issue({.common_name = "spiffe://test/front",
                                                           .alternative_names = "DNS:spiffe.test",
                                                           .extended_key_usage = "clientAuth"});
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root, &posing);
  EXPECT_EQ(Ask(kAllowed, {}).error_code(), StatusCode::UNAUTHENTICATED);
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root);
  EXPECT_EQ(Ask(kAllowed, {}).error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, TakesANewFileOverAndKeepsTheOldOneForAWrongOne) {
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

// An open stream of inference with a token.
class TokenStream final {
 public:
  TokenStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& token)
      : stub_(GRPCInferenceService::NewStub(channel)) {
    context_.AddMetadata("authorization", Bearer(token));
    stream_ = stub_->ModelStreamInfer(&context_);
  }

  // The error_message of the answer, or "ended" where there is none.
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

TEST_F(AccessTest, EndsAStreamAtTheRequestBehindTheEndOfItsToken) {
  StartWithTls();
  // The new file is taken over within three seconds.
  const absl::Time end = absl::Now() + absl::Seconds(8);
  files_.Write("tokens",
               TokenLine("brief", "infer", "*", "brief-token",
                         absl::StrCat("expires=", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", end,
                                                                   absl::UTCTimeZone()))));
  ASSERT_TRUE(Logs(*server_, "the new tokens file is taken over"));
  TokenStream stream(channel_, "brief-token");
  EXPECT_EQ(stream.Ask(kAllowed), "");
  absl::SleepFor(end - absl::Now() + absl::Milliseconds(50));
  EXPECT_EQ(stream.Ask(kAllowed), "ended");
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, EndsAStreamWhoseTokenWasStruckOff) {
  StartWithTls();
  TokenStream stream(channel_, "infer-token");
  EXPECT_EQ(stream.Ask(kAllowed), "");
  files_.Write("tokens", TokenLine("new", "infer", "*", "new-token"));
  EXPECT_TRUE(Logs(*server_, "the new tokens file is taken over"));
  EXPECT_EQ(stream.Ask(kAllowed), "ended");
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, AllowsTheModelOfEachRequestOfAStream) {
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

TEST_F(AccessTest, TakesTokensInPlaintextOnLoopbackWhereThatIsAllowed) {
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
  const RestAnswer there = rest.Post(path(kForbidden), body, infer);
  const RestAnswer not_there = rest.Post(path("no-such-model"), body, infer);
  EXPECT_EQ(there.code, 403);
  EXPECT_EQ(not_there.code, 403);
  EXPECT_EQ(there.body, not_there.body);
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
