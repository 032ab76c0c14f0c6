#include "server/rpc/metadata.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/rpc/layers_json.h"
#include "server/rpc/tensor_shape.h"

namespace mlp {
namespace {

constexpr char kPlatform[] = "mlpserve_onnx";
constexpr char kBackend[] = "mlpserve";

void FillTensor(const TensorSpec& spec, inference::ModelMetadataResponse::TensorMetadata& tensor) {
  tensor.set_name(spec.name);
  tensor.set_datatype(std::string(NameOf(spec.datatype)));
  for (const std::int64_t dimension : WithBatchDimension(spec.shape)) tensor.add_shape(dimension);
}

// ModelInput and ModelOutput have the same members.
template <typename TensorConfig>
void FillTensorConfig(const TensorSpec& spec, TensorConfig& tensor) {
  tensor.set_name(spec.name);
  tensor.set_data_type(ConfigDatatype(spec.datatype));
  for (const std::int64_t dimension : spec.shape) tensor.add_dims(dimension);
}

}  // namespace

void FillServerMetadata(inference::ServerMetadataResponse& response) {
  response.set_name("mlpserve");
  response.set_version(MLP_VERSION);
  response.add_extensions("classification");
  response.add_extensions("model_configuration");
}

absl::Status FillModelReady(const ModelTable& models, const inference::ModelReadyRequest& request,
                            inference::ModelReadyResponse& response) {
  const absl::Status status = models.Find(request.name(), request.version()).status();
  response.set_ready(status.ok());
  return absl::IsUnavailable(status) ? absl::OkStatus() : status;
}

absl::Status FillModelMetadata(const ModelTable& models,
                               const inference::ModelMetadataRequest& request,
                               inference::ModelMetadataResponse& response) {
  const absl::StatusOr<const ServedModel*> model = models.Find(request.name(), request.version());
  if (!model.ok()) return model.status();
  response.set_name((*model)->name);
  for (const auto& [number, entry] : *models.VersionsOf((*model)->name)) {
    if (entry.served != nullptr) response.add_versions(entry.served->version);
  }
  response.set_platform(kPlatform);
  for (const TensorSpec& input : (*model)->network->inputs()) {
    FillTensor(input, *response.add_inputs());
  }
  for (const NetworkOutput& output : (*model)->network->outputs()) {
    FillTensor(output.tensor, *response.add_outputs());
  }
  return absl::OkStatus();
}

absl::Status FillModelConfig(const ModelTable& models, const inference::ModelConfigRequest& request,
                             inference::ModelConfigResponse& response) {
  const absl::StatusOr<const ServedModel*> found = models.Find(request.name(), request.version());
  if (!found.ok()) return found.status();
  const ServedModel& model = **found;
  inference::ModelConfig& config = *response.mutable_config();
  config.set_name(model.name);
  config.set_platform(kPlatform);
  config.set_backend(kBackend);
  config.set_max_batch_size(static_cast<std::int32_t>(
      std::min<std::int64_t>(model.max_batch_rows, std::numeric_limits<std::int32_t>::max())));
  for (const TensorSpec& input : model.network->inputs()) {
    FillTensorConfig(input, *config.add_input());
  }
  for (const NetworkOutput& output : model.network->outputs()) {
    inference::ModelOutput& its = *config.add_output();
    FillTensorConfig(output.tensor, its);
    for (const inference::ModelOutput& configured : model.settings.config.output()) {
      if (configured.name() == its.name()) its.set_label_filename(configured.label_filename());
    }
  }
  config.set_default_model_filename(model.settings.config.default_model_filename());
  auto& parameters = *config.mutable_parameters();
  parameters = model.settings.config.parameters();
  parameters["layers"].set_string_value(LayersJson(*model.evaluator));
  parameters["parameter_count"].set_string_value(absl::StrCat(model.network->parameter_count()));
  parameters["instruction_set"].set_string_value(
      std::string(NameOf(model.evaluator->instruction_set())));
  parameters["weights"].set_string_value(std::string(NameOf(model.evaluator->weight_storage())));
  parameters["weight_bytes"].set_string_value(absl::StrCat(model.evaluator->weight_bytes()));
  parameters["workspace_bytes"].set_string_value(absl::StrCat(model.evaluator->workspace_bytes()));
  parameters["saturation_epsilon"].set_string_value(
      absl::StrCat(model.evaluator->saturation_epsilon()));
  return absl::OkStatus();
}

absl::Status FillRepositoryIndex(const ModelTable& models,
                                 const inference::RepositoryIndexRequest& request,
                                 inference::RepositoryIndexResponse& response) {
  if (!request.repository_name().empty()) {
    return absl::NotFoundError(absl::StrCat("repository ", Quote(request.repository_name()),
                                            " is unknown; expected an empty name"));
  }
  for (const auto& [name, versions] : models.models()) {
    for (const auto& [number, entry] : versions) {
      if (request.ready() && entry.served == nullptr) continue;
      inference::RepositoryIndexResponse::ModelIndex& index = *response.add_models();
      index.set_name(name);
      if (number > 0) index.set_version(absl::StrCat(number));
      index.set_state(entry.served != nullptr ? "READY" : "UNAVAILABLE");
      index.set_reason(entry.reason);
    }
  }
  return absl::OkStatus();
}

}  // namespace mlp
