// A model repository that a test publishes to, and what its clients ask of it.

#ifndef MLP_TESTS_E2E_PUBLISHED_MODELS_H_
#define MLP_TESTS_E2E_PUBLISHED_MODELS_H_

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "proto/open_inference.grpc.pb.h"
#include "tests/e2e/temporary_folder.h"

namespace mlp {

class PublishedModels final {
 public:
  std::filesystem::path root() const { return folder_.path(); }

  // Puts a copy of one of the sample models in the place of a version, in one rename.
  void Publish(const std::string& model, int version, const std::string& sample);

  // Writes a file of a model, `path` being relative to the root, in one rename.
  void Write(const std::string& path, const std::string& content);

 private:
  TemporaryFolder folder_;
};

// The bytes of a sample model's model.onnx.
std::string SampleContent(const std::string& sample);

using RepositoryParameters = std::map<std::string, inference::ModelRepositoryParameter>;

// RepositoryModelLoad and RepositoryModelUnload; they wait for at most 60 s.
grpc::Status LoadModel(inference::GRPCInferenceService::Stub& stub, const std::string& model,
                       const RepositoryParameters& parameters = {});
grpc::Status UnloadModel(inference::GRPCInferenceService::Stub& stub, const std::string& model);

// What RepositoryIndex tells: "model/version" and then the state, with the reason behind ": ".
std::map<std::string, std::string> Index(inference::GRPCInferenceService::Stub& stub);

// The values of the first output of `model` for one row; empty where it was not answered.
std::vector<float> AnswerOf(inference::GRPCInferenceService::Stub& stub, const std::string& model,
                            const std::string& version = "");

}  // namespace mlp

#endif  // MLP_TESTS_E2E_PUBLISHED_MODELS_H_
