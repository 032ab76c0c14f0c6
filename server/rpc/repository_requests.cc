#include "server/rpc/repository_requests.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/quote.h"
#include "server/repository/model_settings.h"
#include "server/repository/version_labels.h"

namespace mlp {
namespace {

using inference::ModelRepositoryParameter;

constexpr char kConfigParameter[] = "config";
constexpr char kUnloadDependents[] = "unload_dependents";
constexpr absl::string_view kFilePrefix = "file:";

// It is parsed on the thread that answers probes, and takes about 250 times its size meanwhile.
constexpr std::size_t kMaxConfigBytes = std::size_t{128} << 10;

template <typename Request>
absl::StatusOr<std::string> ModelOf(const Request& request) {
  const absl::string_view model = RequestedModel(request);
  if (model.empty()) {
    return absl::InvalidArgumentError(
        "the model's name is empty; expected a model of the repository");
  }
  if (!request.model_name().empty() && !request.repository_name().empty()) {
    return absl::NotFoundError(absl::StrCat("repository ", Quote(request.repository_name()),
                                            " is unknown; expected an empty name"));
  }
  return std::string(model);
}

absl::Status WrongType(const std::string& key, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameter ", Quote(key), " has the wrong type; expected ", expected));
}

absl::StatusOr<UploadedFile> ReadFile(const std::string& key, ModelRepositoryParameter& parameter) {
  if (parameter.parameter_choice_case() != ModelRepositoryParameter::kBytesParam) {
    return WrongType(key, "bytes_param");
  }
  const absl::string_view path = absl::StripPrefix(key, kFilePrefix);
  const std::size_t slash = path.find('/');
  const std::optional<std::int64_t> version = ParseVersion(path.substr(0, slash));
  const absl::string_view name =
      slash == absl::string_view::npos ? absl::string_view() : path.substr(slash + 1);
  if (!version.has_value() || !IsPlainFileName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameter ", Quote(key), " is not the path of a model file; expected ",
                     "file:<version>/<name>, for example file:1/model.onnx"));
  }
  return UploadedFile{*version, std::string(name), std::move(*parameter.mutable_bytes_param())};
}

absl::StatusOr<ModelSettings> ReadConfig(const ModelRepositoryParameter& parameter,
                                         const std::string& model) {
  if (parameter.parameter_choice_case() != ModelRepositoryParameter::kStringParam) {
    return WrongType(kConfigParameter, "string_param");
  }
  const std::string& json = parameter.string_param();
  if (json.size() > kMaxConfigBytes) {
    return absl::InvalidArgumentError(absl::StrCat("parameter 'config' has ", json.size(),
                                                   " bytes; expected at most ", kMaxConfigBytes));
  }
  return ParseModelSettingsJson(json, model);
}

}  // namespace

absl::StatusOr<ModelLoadRequest> ReadLoadRequest(inference::RepositoryModelLoadRequest request,
                                                 bool allow_model_files) {
  absl::StatusOr<std::string> model = ModelOf(request);
  if (!model.ok()) return model.status();
  ModelLoadRequest read;
  read.model = *std::move(model);
  for (auto& [key, parameter] : *request.mutable_parameters()) {
    const bool config = key == kConfigParameter;
    if (!config && !absl::StartsWith(key, kFilePrefix)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "parameter ", Quote(key), " is unknown; expected 'config' or 'file:<version>/<name>'"));
    }
    if (!allow_model_files) {
      return absl::PermissionDeniedError(absl::StrCat(
          "parameter ", Quote(key), " is refused: models are loaded only from the repository, ",
          "unless the server runs with --allow-rpc-model-files"));
    }
    if (config) {
      absl::StatusOr<ModelSettings> settings = ReadConfig(parameter, read.model);
      if (!settings.ok()) return settings.status();
      read.settings = *std::move(settings);
    } else {
      absl::StatusOr<UploadedFile> file = ReadFile(key, parameter);
      if (!file.ok()) return file.status();
      read.files.push_back(*std::move(file));
    }
  }
  return read;
}

absl::StatusOr<std::string> ReadUnloadRequest(
    const inference::RepositoryModelUnloadRequest& request) {
  for (const auto& [key, parameter] : request.parameters()) {
    if (key != kUnloadDependents) {
      return absl::InvalidArgumentError(
          absl::StrCat("parameter ", Quote(key), " is unknown; expected 'unload_dependents'"));
    }
    if (parameter.parameter_choice_case() != ModelRepositoryParameter::kBoolParam) {
      return WrongType(key, "bool_param");
    }
  }
  return ModelOf(request);
}

}  // namespace mlp
