#include "server/rpc/metadata.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/rpc/layers_json.h"
#include "server/rpc/tensor_shape.h"

namespace mlp {
namespace {

constexpr char kPlatform[] = "mlpserve_onnx";
constexpr char kBackend[] = "mlpserve";
constexpr char kClassNames[] = "class_names";

void FillTensor(const TensorSpec& spec, inference::ModelMetadataResponse::TensorMetadata& tensor) {
  tensor.set_name(spec.name);
  tensor.set_datatype(std::string(NameOf(spec.datatype)));
  for (const std::int64_t dimension : WithBatchDimension(spec.shape)) tensor.add_shape(dimension);
}

// More than people read; a model may have a million classes.
constexpr std::size_t kMaxClassNames = 4096;
constexpr std::size_t kMaxClassNameBytes = std::size_t{256} << 10;

// The names of an output's classes as a JSON array; null if it has none, or too many.
nlohmann::json ClassNamesJson(const ServedModel& model, std::size_t output) {
  const ClassNames& names = model.class_names[output];
  nlohmann::json array;
  if (names.size() > kMaxClassNames) return array;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    array.push_back(names.NameOf(i));
    bytes += array.back().get_ref<const std::string&>().size();
    if (bytes > kMaxClassNameBytes) return {};
  }
  return array;
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
  response.add_extensions("model_repository");
  response.add_extensions("model_configuration");
  response.add_extensions("schedule_policy");
  response.add_extensions("binary_tensor_data");
  response.add_extensions("parameters");
  response.add_extensions("statistics");
  response.add_extensions("logging");
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
  const absl::StatusOr<std::shared_ptr<const ServedModel>> model =
      models.Find(request.name(), request.version());
  if (!model.ok()) return model.status();
  response.set_name((*model)->name);
  for (const auto& [number, entry] : *models.VersionsOf((*model)->name)) {
    if (entry.served != nullptr) response.add_versions(entry.served->version);
  }
  response.set_platform(kPlatform);
  for (const TensorSpec& input : (*model)->network->inputs()) {
    FillTensor(input, *response.add_inputs());
  }
  for (std::size_t i = 0; i < (*model)->network->outputs().size(); ++i) {
    inference::ModelMetadataResponse::TensorMetadata& tensor = *response.add_outputs();
    FillTensor((*model)->network->outputs()[i].tensor, tensor);
    const nlohmann::json names = ClassNamesJson(**model, i);
    if (!names.is_null()) {
      (*tensor.mutable_parameters())[kClassNames].set_string_param(names.dump());
    }
  }
  return absl::OkStatus();
}

absl::Status FillModelConfig(const ModelTable& models, const inference::ModelConfigRequest& request,
                             inference::ModelConfigResponse& response) {
  const absl::StatusOr<std::shared_ptr<const ServedModel>> found =
      models.Find(request.name(), request.version());
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
  nlohmann::json class_names;
  for (std::size_t i = 0; i < model.network->outputs().size(); ++i) {
    inference::ModelOutput& output = *config.add_output();
    FillTensorConfig(model.network->outputs()[i].tensor, output);
    nlohmann::json names = ClassNamesJson(model, i);
    if (!names.is_null()) class_names[output.name()] = std::move(names);
    for (const inference::ModelOutput& configured : model.settings.config.output()) {
      if (configured.name() == output.name())
        output.set_label_filename(configured.label_filename());
    }
  }
  if (model.settings.config.has_version_policy()) {
    *config.mutable_version_policy() = model.settings.config.version_policy();
  }
  *config.mutable_instance_group() = model.settings.config.instance_group();
  *config.mutable_model_warmup() = model.settings.config.model_warmup();
  // Its presence tells clients that requests are batched, which they always are.
  *config.mutable_dynamic_batching() = model.settings.config.dynamic_batching();
  config.set_default_model_filename(model.settings.config.default_model_filename());
  auto& parameters = *config.mutable_parameters();
  parameters = model.settings.config.parameters();
  if (!class_names.is_null()) parameters[kClassNames].set_string_value(class_names.dump());
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

namespace {

void FillDuration(const CountedTime& counted, inference::StatisticDuration& duration) {
  duration.set_count(counted.count);
  duration.set_ns(static_cast<std::uint64_t>(counted.time.count()));
}

void FillStatistics(const ServedModel& model, inference::ModelStatistics& message) {
  model.instruments.sums->AddUp(ModelSums::Clock::now());
  const StatisticsSummary summary = model.instruments.statistics->Read();
  message.set_name(model.name);
  message.set_version(model.version);
  message.set_last_inference(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     summary.last_inference.time_since_epoch())
                                     .count()));
  message.set_inference_count(summary.rows);
  message.set_execution_count(summary.batches);
  inference::InferStatistics& requests = *message.mutable_inference_stats();
  FillDuration(summary.success, *requests.mutable_success());
  FillDuration(summary.failure, *requests.mutable_fail());
  FillDuration(summary.queue, *requests.mutable_queue());
  FillDuration(summary.compute_input, *requests.mutable_compute_input());
  FillDuration(summary.compute_infer, *requests.mutable_compute_infer());
  FillDuration(summary.compute_output, *requests.mutable_compute_output());
  for (const auto& [rows, of_size] : summary.by_batch_rows) {
    if (of_size.infer.count == 0) continue;
    inference::InferBatchStatistics& batch = *message.add_batch_stats();
    batch.set_batch_size(static_cast<std::uint64_t>(rows));
    FillDuration(of_size.input, *batch.mutable_compute_input());
    FillDuration(of_size.infer, *batch.mutable_compute_infer());
    FillDuration(of_size.output, *batch.mutable_compute_output());
  }
}

}  // namespace

absl::Status FillModelStatistics(const ModelTable& models,
                                 const inference::ModelStatisticsRequest& request,
                                 inference::ModelStatisticsResponse& response) {
  if (!request.name().empty() && !request.version().empty()) {
    const auto model = models.Find(request.name(), request.version());
    if (!model.ok()) return model.status();
    FillStatistics(**model, *response.add_model_stats());
    return absl::OkStatus();
  }
  const auto fill_all = [&response](const ModelTable::Versions& versions) {
    for (const auto& [number, record] : versions) {
      if (record.served != nullptr) FillStatistics(*record.served, *response.add_model_stats());
    }
  };
  if (!request.name().empty()) {
    if (const auto model = models.Find(request.name(), ""); !model.ok()) return model.status();
    fill_all(*models.VersionsOf(request.name()));
    return absl::OkStatus();
  }
  for (const auto& [name, model] : models.models()) fill_all(model.versions);
  return absl::OkStatus();
}

absl::Status FillRepositoryIndex(const ModelTable& models,
                                 const inference::RepositoryIndexRequest& request,
                                 inference::RepositoryIndexResponse& response) {
  if (!request.repository_name().empty()) {
    return absl::NotFoundError(absl::StrCat("repository ", Quote(request.repository_name()),
                                            " is unknown; expected an empty name"));
  }
  for (const auto& [name, model] : models.models()) {
    for (const auto& [number, entry] : model.versions) {
      if (request.ready() && entry.served == nullptr) continue;
      inference::RepositoryIndexResponse::ModelIndex& index = *response.add_models();
      index.set_name(name);
      if (number > 0) index.set_version(absl::StrCat(number));
      index.set_state(std::string(NameOf(entry.state)));
      index.set_reason(entry.reason);
      const auto held_back = model.held_back.find(number);
      if (entry.reason.empty() && held_back != model.held_back.end()) {
        index.set_reason(absl::StrCat("not the default: ", held_back->second));
      }
    }
  }
  if (request.ready()) return absl::OkStatus();
  for (const std::string& name : models.not_loaded()) {
    inference::RepositoryIndexResponse::ModelIndex& index = *response.add_models();
    index.set_name(name);
    index.set_state(std::string(NameOf(ModelState::kUnavailable)));
    index.set_reason("not loaded");
  }
  return absl::OkStatus();
}

}  // namespace mlp
