// Which calls each role may make, and how wrong credentials are refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/health.grpc.pb.h"
#include "proto/insight.grpc.pb.h"
#include "proto/reflection.grpc.pb.h"
#include "proto/reflection_v1.grpc.pb.h"
#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/security/access_fixture.h"
#include "tests/e2e/server_log.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;

// Calls Calibrate with a first message that names `model`, and returns the status.
StatusCode CalibrateWith(const std::shared_ptr<grpc::Channel>& channel, const std::string& model,
                         const std::string& token) {
  grpc::ClientContext context;
  if (!token.empty()) context.AddMetadata("authorization", Bearer(token));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  mlpserve::v1::CalibrateResponse response;
  const auto stub = mlpserve::v1::Insight::NewStub(channel);
  const auto writer = stub->Calibrate(&context, &response);
  mlpserve::v1::CalibrateRequest request;
  request.mutable_begin()->set_model_name(model);
  writer->Write(request);
  writer->WritesDone();
  return writer->Finish().error_code();
}

// Asks for the list of services, by one version of reflection.
template <typename Service, typename Request, typename Response>
StatusCode Reflect(const std::shared_ptr<grpc::Channel>& channel, const std::string& token) {
  grpc::ClientContext context;
  if (!token.empty()) context.AddMetadata("authorization", Bearer(token));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stub = Service::NewStub(channel);
  const auto stream = stub->ServerReflectionInfo(&context);
  Request request;
  request.set_list_services("");
  stream->Write(request);
  Response response;
  const bool answered = stream->Read(&response);
  stream->WritesDone();
  const StatusCode end = stream->Finish().error_code();
  return answered ? StatusCode::OK : end;
}
StatusCode ReflectV1(const std::shared_ptr<grpc::Channel>& channel, const std::string& token) {
  namespace v1 = grpc::reflection::v1;
  return Reflect<v1::ServerReflection, v1::ServerReflectionRequest, v1::ServerReflectionResponse>(
      channel, token);
}
StatusCode ReflectV1Alpha(const std::shared_ptr<grpc::Channel>& channel, const std::string& token) {
  namespace v1alpha = grpc::reflection::v1alpha;
  return Reflect<v1alpha::ServerReflection, v1alpha::ServerReflectionRequest,
                 v1alpha::ServerReflectionResponse>(channel, token);
}

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
  mlpserve::v1::GetBaselineRequest baseline;
  baseline.set_model_name(kAllowed);
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
        CodeOf(&Insight::GetBaseline, baseline, token),
        ReflectV1(channel_, token),
        ReflectV1Alpha(channel_, token),
        CodeOf(&Inference::ModelInfer, DigitsRequest(kAllowed), token),
        CodeOf(&Inference::RepositoryModelLoad, load, token),
        CodeOf(&Inference::RepositoryModelUnload, unload, token),
        CodeOf(&Inference::LogSettings, inference::LogSettingsRequest(), token),
        CodeOf(&Insight::AcceptWindows, accept, token),
        CalibrateWith(channel_, "none", token)};
  };
  constexpr StatusCode kOk = StatusCode::OK;
  constexpr StatusCode kNo = StatusCode::PERMISSION_DENIED;
  constexpr StatusCode kNone = StatusCode::NOT_FOUND;
  constexpr StatusCode kMade = StatusCode::FAILED_PRECONDITION;  // no baseline has been made
  EXPECT_THAT(codes("observe-token"), ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk, kOk, kMade, kOk,
                                                  kOk, kNo, kNo, kNo, kNo, kNo, kNo));
  EXPECT_THAT(codes("infer-token"), ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk, kOk, kMade, kOk, kOk,
                                                kOk, kNo, kNo, kNo, kNo, kNo));
  EXPECT_THAT(codes("admin-token"), ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk, kOk, kMade, kOk, kOk,
                                                kOk, kOk, kNone, kOk, kNone, kNone));
  const std::vector<StatusCode> nobody(16, StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(codes(""), nobody);
  EXPECT_EQ(codes("late-token"), nobody);
  EXPECT_EQ(codes("wrong-token"), nobody);
  Samples metrics = ReadMetrics(server_->http_port());
  EXPECT_EQ(metrics["mlp_unauthenticated_total"], 48);
  EXPECT_EQ(metrics["mlp_permission_denied_total{role=\"infer\"}"], 1);
  EXPECT_EQ(metrics["mlp_permission_denied_total{role=\"admin\"}"], 10);
  EXPECT_EQ(metrics["mlp_rejected_total{model=\"\",reason=\"denied\"}"], 4);
  EXPECT_EQ(metrics["mlp_open_to_all"], 0);
  EXPECT_TRUE(Logs(*server_, "audit who=operator from=127.0.0.1:"));
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

TEST_F(AccessTest, DoesNotRevealWhetherAForbiddenModelExists) {
  StartWithTls();
  const std::vector<std::string> infer = {Bearer("infer-token")};
  const grpc::Status existing = Ask(kForbidden, infer);
  const grpc::Status missing = Ask("no-such-model", infer);
  EXPECT_EQ(existing.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(missing.error_code(), existing.error_code());
  EXPECT_EQ(missing.error_message(), existing.error_message());
  for (const char* model : {kForbidden, "no-such-model"}) {
    inference::ModelMetadataRequest request;
    request.set_name(model);
    inference::ModelMetadataResponse response;
    const grpc::Status status = Call(&Inference::ModelMetadata, request, "infer-token", &response);
    EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(status.error_message(), existing.error_message());
  }
  // A caller that may ask for this name learns that there is no such model.
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
  // Nor does a refusal reveal which methods exist.
  EXPECT_EQ(CallWithBytes(channel_, "/no.Service/Method", "").error_code(),
            StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, RequiresATokenForTheHealthOfAModel) {
  StartWithTls();
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

TEST_F(AccessTest, AcceptsTheHeaderOnlyInItsCorrectForm) {
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
  // gRPC itself refuses headers beyond --max-metadata-bytes.
  EXPECT_NE(code({Bearer(std::string(1 << 20, 'a'))}), StatusCode::OK);
  channel_ = OpenSecureChannel(server_->grpc_address(), files_.root);  // gRPC may have closed it
  EXPECT_EQ(code({"Bearer infer-token"}), StatusCode::OK);
}

TEST_F(AccessTest, RefusesATokenWithInvalidBytes) {
  StartServer({"--allow-plaintext-tokens"});
  const std::string message = DigitsRequest(kAllowed).SerializeAsString();
  const auto answered = [&](const std::string& authorization) {
    const std::string ok = R"(mlp_requests_total{code="OK",model="digits-tanh",version="1"})";
    const std::string refused = "mlp_unauthenticated_total";
    Samples before = ReadMetrics(server_->http_port());
    Http2Connection connection(server_->grpc_port());
    EXPECT_TRUE(connection.IsServed());
    std::uint32_t stream = 1;
    connection.Send(AskCalls(CallHeaders(kModelInferPath, {{"authorization", authorization}}),
                             message, 1, stream));
    // The call is answered, refused by the gate, or ended by gRPC, which refuses the header.
    Samples now;
    EXPECT_TRUE(Eventually([&] {
      now = ReadMetrics(server_->http_port());
      return now[ok] > before[ok] || now[refused] > before[refused] ||
             connection.IsClosedByPeer(/*patience_ms=*/1);
    })) << authorization;
    return ReadMetrics(server_->http_port())[ok] > before[ok];
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

}  // namespace
}  // namespace mlp
