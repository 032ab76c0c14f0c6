// A model repository that a test publishes to, and the requests of its clients.

#ifndef MLP_TESTS_E2E_PUBLISHED_MODELS_H_
#define MLP_TESTS_E2E_PUBLISHED_MODELS_H_

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "proto/open_inference.grpc.pb.h"
#include "tests/temporary_folder.h"

namespace mlp {

class PublishedModels final {
 public:
  std::filesystem::path root() const { return folder_.path(); }

  // Replaces a version by a copy of one of the sample models, in one rename.
  void Publish(const std::string& model, int version, const std::string& sample);

  // Writes a file of a model in one rename. `path` is relative to the root.
  void Write(const std::string& path, const std::string& content);

 private:
  TemporaryFolder folder_;
};

// The bytes of a sample model's model.onnx.
std::string SampleContent(const std::string& sample);

using RepositoryParameters = std::map<std::string, inference::ModelRepositoryParameter>;

// RepositoryModelLoad and RepositoryModelUnload. They wait for at most 60 s.
grpc::Status LoadModel(inference::GRPCInferenceService::Stub& stub, const std::string& model,
                       const RepositoryParameters& parameters = {});
grpc::Status UnloadModel(inference::GRPCInferenceService::Stub& stub, const std::string& model);

// The answer of RepositoryIndex: from "model/version" to the state, with the reason behind ": ".
std::map<std::string, std::string> Index(inference::GRPCInferenceService::Stub& stub);

// The values of the first output of `model` for one row; empty if there is no answer.
std::vector<float> AnswerOf(inference::GRPCInferenceService::Stub& stub, const std::string& model,
                            const std::string& version = "");

}  // namespace mlp

#endif  // MLP_TESTS_E2E_PUBLISHED_MODELS_H_
