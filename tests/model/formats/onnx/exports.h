// The exports in fixtures/onnx/activations and fixtures/onnx/graphs. Each is a folder with
// model.onnx, made_by.json, and the inputs and answers as .npy and .txt files.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_EXPORTS_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_EXPORTS_H_

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/npy.h"
#include "model/network.h"

namespace mlp {

// fixtures/onnx. Names of exports are relative to it.
std::filesystem::path ExportsFolder();

// "graphs/torch_residual_script17", ..., sorted.
std::vector<std::string> Exports();

// The numbers of a .npy file, and the texts of a .txt file, one a line. If the file cannot be read,
// both fail the test.
NpyArray<float> NumbersOf(const std::filesystem::path& file);
std::vector<std::string> LinesOf(const std::filesystem::path& file);

// The inputs of the export in `folder`, one array for each input of its made_by.json, `facts`.
// Strings are given as their positions in `vocabulary`.
std::vector<NpyArray<float>> InputsOf(const std::filesystem::path& folder,
                                      const nlohmann::json& facts,
                                      const Vocabulary& vocabulary = {});

struct Answers {
  std::vector<TensorSpec> inputs;
  std::vector<NetworkOutput> outputs;
  std::vector<std::vector<float>> values;  // by output
};

// The evaluator's answers to `inputs`, one array for each input of the network.
Answers AnswersOf(const Network& network, const std::vector<NpyArray<float>>& inputs);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_EXPORTS_H_
