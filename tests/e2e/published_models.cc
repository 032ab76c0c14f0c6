#include "tests/e2e/published_models.h"

#include <chrono>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/bytes_of_file.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using inference::GRPCInferenceService;

fs::path SampleFile(const std::string& sample) {
  return SampleModels() / sample / "1" / "model.onnx";
}

// The server loads on a thread of low priority, which gets little CPU on a busy machine.
std::chrono::system_clock::time_point InFiveMinutes() {
  return std::chrono::system_clock::now() + std::chrono::minutes(5);
}

}  // namespace

void PublishedModels::Publish(const std::string& model, int version, const std::string& sample) {
  const fs::path unfinished = root() / ".unfinished";
  fs::create_directories(unfinished);
  fs::copy_file(SampleFile(sample), unfinished / "model.onnx");
  const fs::path place = root() / model / absl::StrCat(version);
  fs::create_directories(root() / model);
  fs::remove_all(place);
  fs::rename(unfinished, place);
}

void PublishedModels::Write(const std::string& path, const std::string& content) {
  fs::create_directories((root() / path).parent_path());
  std::ofstream(root() / ".unfinished-file") << content;
  fs::rename(root() / ".unfinished-file", root() / path);
}

std::string SampleContent(const std::string& sample) { return BytesOfFile(SampleFile(sample)); }

grpc::Status LoadModel(GRPCInferenceService::Stub& stub, const std::string& model,
                       const RepositoryParameters& parameters) {
  grpc::ClientContext context;
  context.set_deadline(InFiveMinutes());
  inference::RepositoryModelLoadRequest request;
  request.set_model_name(model);
  for (const auto& [key, value] : parameters) (*request.mutable_parameters())[key] = value;
  inference::RepositoryModelLoadResponse response;
  return stub.RepositoryModelLoad(&context, request, &response);
}

grpc::Status UnloadModel(GRPCInferenceService::Stub& stub, const std::string& model) {
  grpc::ClientContext context;
  context.set_deadline(InFiveMinutes());
  inference::RepositoryModelUnloadRequest request;
  request.set_model_name(model);
  (*request.mutable_parameters())["unload_dependents"].set_bool_param(false);
  inference::RepositoryModelUnloadResponse response;
  return stub.RepositoryModelUnload(&context, request, &response);
}

std::map<std::string, std::string> Index(GRPCInferenceService::Stub& stub) {
  grpc::ClientContext context;
  context.set_deadline(InFiveMinutes());
  inference::RepositoryIndexResponse response;
  std::map<std::string, std::string> index;
  if (!stub.RepositoryIndex(&context, inference::RepositoryIndexRequest(), &response).ok()) {
    return index;
  }
  for (const auto& model : response.models()) {
    index[absl::StrCat(model.name(), "/", model.version())] =
        absl::StrCat(model.state(), model.reason().empty() ? "" : ": ", model.reason());
  }
  return index;
}

std::vector<float> AnswerOf(GRPCInferenceService::Stub& stub, const std::string& model,
                            const std::string& version) {
  inference::ModelInferRequest request = DigitsRequest(model);
  request.set_model_version(version);
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(stub, request, response);
  if (!status.ok()) {
    std::cerr << model << " answers " << status.error_code() << ": " << status.error_message()
              << '\n';
    return {};
  }
  return RawOutput(response, 0);
}

}  // namespace mlp
