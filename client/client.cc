#include "client/client.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/channel.h"
#include "client/client_connection.h"
#include "client/infer_messages.h"
#include "client/server_address.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {
namespace {

using ::inference::GRPCInferenceService;

// The strings of a JSON array; empty if `json` is not an array of strings.
std::vector<std::string> StringsOf(const std::string& json) {
  google::protobuf::ListValue list;
  if (!google::protobuf::util::JsonStringToMessage(json, &list).ok()) return {};
  std::vector<std::string> strings;
  for (const google::protobuf::Value& value : list.values()) {
    if (!value.has_string_value()) return {};
    strings.push_back(value.string_value());
  }
  return strings;
}

TensorMetadata ToTensorMetadata(const inference::ModelMetadataResponse::TensorMetadata& message) {
  TensorMetadata tensor{
      message.name(), message.datatype(), {message.shape().begin(), message.shape().end()}, {}};
  const auto names = message.parameters().find("class_names");
  if (names != message.parameters().end()) {
    tensor.class_names = StringsOf(names->second.string_param());
  }
  return tensor;
}

}  // namespace

Client::Client(std::unique_ptr<const Connection> connection) : connection_(std::move(connection)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

absl::StatusOr<Client> Client::Create(const std::string& address, const ClientOptions& options) {
  if (absl::Status status = CheckServerAddress(address); !status.ok()) return status;
  if (options.timeout.count() <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("timeout is ", options.timeout.count(), " ms; expected more than 0"));
  }
  if (options.max_message_bytes <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_message_bytes is ", options.max_message_bytes, "; expected more than 0"));
  }
  if (absl::Status status = CheckClientCredentials(address, options.credentials); !status.ok()) {
    return status;
  }
  return Client(std::make_unique<const Connection>(
      address, options,
      OpenClientChannel(address, options.credentials.tls, options.max_message_bytes,
                        ChannelSharing::kShared)));
}

absl::StatusOr<bool> Client::ServerLive() const {
  inference::ServerLiveResponse response;
  absl::Status status =
      connection_->Call(*connection_->inference, &GRPCInferenceService::Stub::ServerLive,
                        inference::ServerLiveRequest(), response);
  if (!status.ok()) return status;
  return response.live();
}

absl::StatusOr<bool> Client::ServerReady() const {
  inference::ServerReadyResponse response;
  absl::Status status =
      connection_->Call(*connection_->inference, &GRPCInferenceService::Stub::ServerReady,
                        inference::ServerReadyRequest(), response);
  if (!status.ok()) return status;
  return response.ready();
}

absl::StatusOr<std::string> Client::ServerName() const {
  inference::ServerMetadataResponse response;
  absl::Status status =
      connection_->Call(*connection_->inference, &GRPCInferenceService::Stub::ServerMetadata,
                        inference::ServerMetadataRequest(), response);
  if (!status.ok()) return status;
  return absl::StrCat(response.name(), " ", response.version());
}

absl::StatusOr<ServingStatus> Client::CheckHealth(const std::string& service) const {
  using grpc::health::v1::HealthCheckResponse;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  absl::Status status = connection_->Call(
      *connection_->health, &grpc::health::v1::Health::Stub::Check, request, response);
  if (!status.ok()) return status;
  switch (response.status()) {
    case HealthCheckResponse::SERVING:
      return ServingStatus::kServing;
    case HealthCheckResponse::NOT_SERVING:
      return ServingStatus::kNotServing;
    default:
      return ServingStatus::kUnknown;
  }
}

absl::StatusOr<std::vector<RepositoryEntry>> Client::ListModels() const {
  inference::RepositoryIndexResponse response;
  absl::Status status =
      connection_->Call(*connection_->inference, &GRPCInferenceService::Stub::RepositoryIndex,
                        inference::RepositoryIndexRequest(), response);
  if (!status.ok()) return status;
  std::vector<RepositoryEntry> entries;
  entries.reserve(response.models_size());
  for (const auto& model : response.models()) {
    entries.push_back({model.name(), model.version(), model.state(), model.reason()});
  }
  return entries;
}

absl::Status Client::LoadModel(const std::string& model) const {
  inference::RepositoryModelLoadRequest request;
  request.set_model_name(model);
  inference::RepositoryModelLoadResponse response;
  return connection_->Call(*connection_->inference,
                           &GRPCInferenceService::Stub::RepositoryModelLoad, request, response);
}

absl::Status Client::UnloadModel(const std::string& model) const {
  inference::RepositoryModelUnloadRequest request;
  request.set_model_name(model);
  inference::RepositoryModelUnloadResponse response;
  return connection_->Call(*connection_->inference,
                           &GRPCInferenceService::Stub::RepositoryModelUnload, request, response);
}

absl::StatusOr<ModelMetadata> Client::Metadata(const std::string& model,
                                               const std::string& version) const {
  inference::ModelMetadataRequest request;
  request.set_name(model);
  request.set_version(version);
  inference::ModelMetadataResponse response;
  absl::Status status = connection_->Call(
      *connection_->inference, &GRPCInferenceService::Stub::ModelMetadata, request, response);
  if (!status.ok()) return status;

  ModelMetadata metadata;
  metadata.name = model;
  metadata.requested_version = version;
  metadata.versions.assign(response.versions().begin(), response.versions().end());
  metadata.platform = response.platform();
  for (const auto& input : response.inputs()) metadata.inputs.push_back(ToTensorMetadata(input));
  for (const auto& output : response.outputs()) {
    metadata.outputs.push_back(ToTensorMetadata(output));
  }
  return metadata;
}

absl::StatusOr<ModelDescription> Client::Describe(const std::string& model,
                                                  const std::string& version) const {
  absl::StatusOr<ModelMetadata> metadata = Metadata(model, version);
  if (!metadata.ok()) return metadata.status();

  inference::ModelConfigRequest request;
  request.set_name(model);
  request.set_version(version);
  inference::ModelConfigResponse response;
  absl::Status status = connection_->Call(
      *connection_->inference, &GRPCInferenceService::Stub::ModelConfig, request, response);
  if (!status.ok()) return status;

  ModelDescription description;
  description.metadata = *std::move(metadata);
  description.max_rows = response.config().max_batch_size();
  if (description.max_rows < 0) {
    return absl::InternalError(absl::StrCat("malformed answer: model '", model,
                                            "' has max_batch_size ", description.max_rows,
                                            "; expected 0 or more"));
  }
  for (const auto& [name, parameter] : response.config().parameters()) {
    description.parameters[name] = parameter.string_value();
  }
  return description;
}

absl::StatusOr<InferResult> Client::Infer(const ModelMetadata& model, std::int64_t rows,
                                          absl::Span<const float> values,
                                          const std::vector<std::string>& outputs,
                                          absl::Span<const std::string> texts) const {
  absl::StatusOr<inference::ModelInferRequest> request =
      MakeInferRequest(model, rows, values, outputs, texts);
  if (!request.ok()) return request.status();
  // gRPC checks the size only after serialising, which cannot exceed 2 GiB.
  if (request->ByteSizeLong() > static_cast<std::size_t>(connection_->options.max_message_bytes)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a request of ", rows, " rows has ", request->ByteSizeLong(),
                     " bytes, over the message limit of ", connection_->options.max_message_bytes,
                     "; send fewer rows per request"));
  }
  inference::ModelInferResponse response;
  absl::Status status = connection_->Call(
      *connection_->inference, &GRPCInferenceService::Stub::ModelInfer, *request, response);
  if (!status.ok()) return status;
  return ReadInferResponse(response, rows, outputs);
}

}  // namespace mlp
