#include "server/rpc/control_calls.h"

#include <grpc/support/time.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/rpc/control_access.h"
#include "server/rpc/log_settings.h"
#include "server/rpc/metadata.h"
#include "server/rpc/repository_requests.h"
#include "server/rpc/unknown_calls.h"

namespace mlp {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// Calls that may wait for the thread at the same time without gRPC having to queue them.
constexpr int kCallsOfAMethod = 8;

absl::Status CheckHealth(const Health& health, const HealthCheckRequest& request,
                         HealthCheckResponse& response) {
  const std::optional<Health::Status> status = health.StatusOf(request.service());
  if (!status.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("service ", Quote(request.service()),
                     " is unknown; expected '', 'inference.GRPCInferenceService' or a model"));
  }
  response.set_status(*status);
  return absl::OkStatus();
}

}  // namespace

ControlCalls::ControlCalls(InferService& inference_service, HealthWatchers::Service& health_service,
                           InsightService& insight_service, ReflectionServices& reflection_services,
                           grpc::AsyncGenericService& unknown, const ModelCatalog& models,
                           ModelManager& manager, const InsightHandlers& insight,
                           bool allow_model_files, const Health& health, LogControl& log,
                           CallGate& gate, CompletionLoop& loop)
    : inference_service_(inference_service),
      health_service_(health_service),
      insight_service_(insight_service),
      reflection_services_(reflection_services),
      unknown_(unknown),
      models_(models),
      manager_(manager),
      insight_(insight),
      insight_answers_(insight, insight_gate_, manager),
      allow_model_files_(allow_model_files),
      health_(health),
      log_(log),
      gate_(gate),
      loop_(loop),
      owner_(loop) {}

template <typename Request, typename Response, typename Service, typename Method>
void ControlCalls::Post(Service& service, Method request_call,
                        typename ControlMethod<Request, Response>::Access access,
                        typename ControlMethod<Request, Response>::AnyAnswer answer,
                        CheckBytes check) {
  const auto method =
      std::make_shared<const ControlMethod<Request, Response>>(ControlMethod<Request, Response>{
          [this, &service, request_call](grpc::ServerContext* context, grpc::ByteBuffer* message,
                                         grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
                                         void* tag) {
            (service.*request_call)(context, message, writer, loop_.queue(), loop_.queue(), tag);
          },
          std::move(check), std::move(answer), std::move(access)});
  for (int i = 0; i < kCallsOfAMethod; ++i) {
    owner_.frames.StartFirst(AnswerControlCalls(owner_, method));
  }
}

void ControlCalls::Post() {
  PostQuestions();
  PostRepositoryControl();
  PostInsight();
  watchers_.emplace(loop_, health_service_, health_, gate_);
  std::vector<std::string> services = ReflectionServices::Names();
  services.emplace_back(inference::GRPCInferenceService::service_full_name());
  services.emplace_back(grpc::health::v1::Health::service_full_name());
  services.emplace_back(mlpserve::v1::Insight::service_full_name());
  reflection_.emplace(loop_, reflection_services_, gate_, std::move(services));
  for (int i = 0; i < kCallsOfAMethod; ++i) {
    owner_.frames.StartFirst(RefuseUnknownCalls(owner_, unknown_, gate_));
  }
  owner_.frames.StartFirst(FollowHealth());
  owner_.frames.StartFirst(CancelUnreadAnswers(owner_));
}

void ControlCalls::PostQuestions() {
  using inference::ServerLiveRequest;
  using inference::ServerLiveResponse;
  Post<ServerLiveRequest, ServerLiveResponse>(
      inference_service_, &InferService::RequestServerLive,
      OfHealth<ServerLiveRequest, ServerLiveResponse>(gate_),
      [](const ServerLiveRequest&, ServerLiveResponse& response) {
        response.set_live(true);
        return absl::OkStatus();
      });
  using inference::ServerReadyRequest;
  using inference::ServerReadyResponse;
  Post<ServerReadyRequest, ServerReadyResponse>(
      inference_service_, &InferService::RequestServerReady,
      OfHealth<ServerReadyRequest, ServerReadyResponse>(gate_),
      [this](const ServerReadyRequest&, ServerReadyResponse& response) {
        response.set_ready(health_.serving());
        return absl::OkStatus();
      });
  using inference::ServerMetadataRequest;
  using inference::ServerMetadataResponse;
  Post<ServerMetadataRequest, ServerMetadataResponse>(
      inference_service_, &InferService::RequestServerMetadata,
      TakesRole<ServerMetadataRequest, ServerMetadataResponse>(gate_, Role::kObserve),
      [](const ServerMetadataRequest&, ServerMetadataResponse& response) {
        FillServerMetadata(response);
        return absl::OkStatus();
      });
  using inference::ModelReadyRequest;
  using inference::ModelReadyResponse;
  Post<ModelReadyRequest, ModelReadyResponse>(
      inference_service_, &InferService::RequestModelReady,
      TakesRole<ModelReadyRequest, ModelReadyResponse>(gate_, Role::kObserve),
      [this](const ModelReadyRequest& request, ModelReadyResponse& response) {
        absl::Status status = FillModelReady(*models_.Get(), request, response);
        response.set_ready(response.ready() && health_.serving());
        return status;
      });
  using inference::ModelMetadataRequest;
  using inference::ModelMetadataResponse;
  Post<ModelMetadataRequest, ModelMetadataResponse>(
      inference_service_, &InferService::RequestModelMetadata,
      TakesRole<ModelMetadataRequest, ModelMetadataResponse>(gate_, Role::kObserve),
      [this](const ModelMetadataRequest& request, ModelMetadataResponse& response) {
        return FillModelMetadata(*models_.Get(), request, response);
      });
  using inference::ModelConfigRequest;
  using inference::ModelConfigResponse;
  Post<ModelConfigRequest, ModelConfigResponse>(
      inference_service_, &InferService::RequestModelConfig,
      TakesRole<ModelConfigRequest, ModelConfigResponse>(gate_, Role::kObserve),
      [this](const ModelConfigRequest& request, ModelConfigResponse& response) {
        return FillModelConfig(*models_.Get(), request, response);
      });
  using inference::ModelStatisticsRequest;
  using inference::ModelStatisticsResponse;
  auto of_statistics =
      TakesRole<ModelStatisticsRequest, ModelStatisticsResponse>(gate_, Role::kObserve);
  of_statistics.hide = [](const CallPass& pass, ModelStatisticsResponse& response) {
    HideModels(pass, *response.mutable_model_stats());
  };
  Post<ModelStatisticsRequest, ModelStatisticsResponse>(
      inference_service_, &InferService::RequestModelStatistics, std::move(of_statistics),
      [this](const ModelStatisticsRequest& request, ModelStatisticsResponse& response) {
        return FillModelStatistics(*models_.Get(), request, response);
      });
  using inference::RepositoryIndexRequest;
  using inference::RepositoryIndexResponse;
  auto of_index = TakesRole<RepositoryIndexRequest, RepositoryIndexResponse>(gate_, Role::kObserve);
  of_index.hide = [](const CallPass& pass, RepositoryIndexResponse& response) {
    HideModels(pass, *response.mutable_models());
  };
  Post<RepositoryIndexRequest, RepositoryIndexResponse>(
      inference_service_, &InferService::RequestRepositoryIndex, std::move(of_index),
      [this](const RepositoryIndexRequest& request, RepositoryIndexResponse& response) {
        return FillRepositoryIndex(*models_.Get(), request, response);
      });
  auto of_health = OfHealth<HealthCheckRequest, HealthCheckResponse>(gate_);
  of_health.check = [this](const grpc::ServerContext& context, const HealthCheckRequest& request,
                           std::optional<CallPass>& pass) {
    if (!pass) return AdmitToHealth(gate_, context, request.service());
    return IsModelsHealth(request.service()) ? pass->CheckModel(request.service())
                                             : absl::OkStatus();
  };
  Post<HealthCheckRequest, HealthCheckResponse>(
      health_service_, &HealthWatchers::Service::RequestCheck, std::move(of_health),
      [this](const HealthCheckRequest& request, HealthCheckResponse& response) {
        return CheckHealth(health_, request, response);
      });
}

void ControlCalls::PostRepositoryControl() {
  using inference::RepositoryModelLoadRequest;
  using inference::RepositoryModelLoadResponse;
  using LoadCall = ControlMethod<RepositoryModelLoadRequest, RepositoryModelLoadResponse>;
  Post<RepositoryModelLoadRequest, RepositoryModelLoadResponse>(
      inference_service_, &InferService::RequestRepositoryModelLoad,
      TakesRole<RepositoryModelLoadRequest, RepositoryModelLoadResponse>(gate_, Role::kAdmin),
      [this](RepositoryModelLoadRequest& request, RepositoryModelLoadResponse& /*response*/,
             LoadCall::Done done) {
        const absl::Status taken = manager_.CheckRequestsAreTaken();
        if (!taken.ok()) return done(taken);
        absl::StatusOr<ModelLoadRequest> read =
            ReadLoadRequest(std::move(request), allow_model_files_);
        if (!read.ok()) return done(read.status());
        manager_.Load(*std::move(read), std::move(done));
      },
      [this](std::size_t bytes) { return CheckLoadBytes(bytes); });
  using inference::RepositoryModelUnloadRequest;
  using inference::RepositoryModelUnloadResponse;
  using UnloadCall = ControlMethod<RepositoryModelUnloadRequest, RepositoryModelUnloadResponse>;
  Post<RepositoryModelUnloadRequest, RepositoryModelUnloadResponse>(
      inference_service_, &InferService::RequestRepositoryModelUnload,
      TakesRole<RepositoryModelUnloadRequest, RepositoryModelUnloadResponse>(gate_, Role::kAdmin),
      [this](const RepositoryModelUnloadRequest& request,
             RepositoryModelUnloadResponse& /*response*/, UnloadCall::Done done) {
        const absl::Status taken = manager_.CheckRequestsAreTaken();
        if (!taken.ok()) return done(taken);
        absl::StatusOr<std::string> model = ReadUnloadRequest(request);
        if (!model.ok()) return done(model.status());
        manager_.Unload(*std::move(model), std::move(done));
      });
  using inference::LogSettingsRequest;
  using inference::LogSettingsResponse;
  Post<LogSettingsRequest, LogSettingsResponse>(
      inference_service_, &InferService::RequestLogSettings,
      TakesRoleForAllModels<LogSettingsRequest, LogSettingsResponse>(gate_, Role::kAdmin),
      [this](const LogSettingsRequest& request, LogSettingsResponse& response) {
        return AnswerLogSettings(manager_.CheckRequestsAreTaken().ok(), log_, request, response);
      });
}

void ControlCalls::PostInsight() {
  using mlpserve::v1::StatusRequest;
  using mlpserve::v1::StatusResponse;
  auto of_status = TakesRole<StatusRequest, StatusResponse>(gate_, Role::kObserve);
  of_status.check = [](const grpc::ServerContext&, const StatusRequest& request,
                       std::optional<CallPass>& pass) {
    if (!pass) return absl::OkStatus();
    return request.model_name().empty() ? pass->CheckAllModels()
                                        : pass->CheckModel(request.model_name());
  };
  Post<StatusRequest, StatusResponse>(
      insight_service_, &InsightService::RequestStatus, std::move(of_status),
      [this](const StatusRequest& request, StatusResponse& response, InsightAnswers::Done done) {
        insight_answers_.Status(request, response, std::move(done));
      });
  using mlpserve::v1::GetBaselineRequest;
  using mlpserve::v1::GetBaselineResponse;
  Post<GetBaselineRequest, GetBaselineResponse>(
      insight_service_, &InsightService::RequestGetBaseline,
      TakesRole<GetBaselineRequest, GetBaselineResponse>(gate_, Role::kObserve),
      [this](const GetBaselineRequest& request, GetBaselineResponse& response,
             InsightAnswers::Done done) {
        insight_answers_.GetBaseline(request, response, std::move(done));
      });
  using mlpserve::v1::AcceptWindowsRequest;
  using mlpserve::v1::AcceptWindowsResponse;
  Post<AcceptWindowsRequest, AcceptWindowsResponse>(
      insight_service_, &InsightService::RequestAcceptWindows,
      TakesRole<AcceptWindowsRequest, AcceptWindowsResponse>(gate_, Role::kAdmin),
      [this](const AcceptWindowsRequest& request, AcceptWindowsResponse& response,
             InsightAnswers::Done done) {
        insight_answers_.AcceptWindows(request, response, std::move(done));
      });
  calibrations_.emplace(owner_, insight_service_, insight_, insight_gate_, models_, manager_,
                        gate_);
}

absl::Status ControlCalls::CheckLoadBytes(std::size_t bytes) const {
  absl::Status taken = manager_.CheckRequestsAreTaken();
  if (!taken.ok() || bytes <= kMaxControlBytes) return taken;
  if (allow_model_files_) return manager_.CheckRoomFor(bytes);
  return absl::PermissionDeniedError(
      absl::StrCat("the request has ", bytes, " bytes; expected at most ", kMaxControlBytes,
                   ": models are loaded only from the repository, unless the server runs with "
                   "--allow-rpc-model-files"));
}

void ControlCalls::HealthChanged(bool ending) {
  if (ending) ending_ = true;
  if (!health_change_pending_.exchange(true)) {
    wake_alarm_.Set(loop_.queue(), gpr_now(GPR_CLOCK_MONOTONIC), &health_changed_);
  }
}

CallCoroutine ControlCalls::FollowHealth() {
  health_changed_.Begin();
  for (;;) {
    co_await health_changed_;
    health_changed_.Begin();
    // A later change is reported by one more completion.
    health_change_pending_ = false;
    if (ending_) {
      watchers_->End();
      reflection_->End();
      calibrations_->End();
      owner_.End();
    } else {
      watchers_->Update();
    }
  }
}

}  // namespace mlp
