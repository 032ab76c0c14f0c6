// Converts the requests and answers of fixtures where the server stands between the evaluator and a
// client: labels, words, integers, and inputs that a network leaves out.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_ANSWERS_AS_SENT_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_ANSWERS_AS_SENT_H_

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/npy.h"
#include "model/network.h"

namespace mlp {

// What an output of labels or decisions sends for `values`, [rows, units]: texts as in a .txt file,
// or integers.
std::vector<std::string> LabelsOf(const NetworkOutput& output, const std::vector<float>& values,
                                  std::int64_t units);

// The labels in `file`: a .txt file with one a line, or integers in a .npy file.
std::vector<std::string> ExpectedLabels(const std::filesystem::path& file);

// The words for an output of positions.
std::vector<std::string> WordsOf(const Vocabulary& vocabulary, const std::vector<float>& values);

// The values that are sent for an output that the file declares as integers.
std::vector<float> AsIntegers(const NetworkOutput& output, std::vector<float> values);

// Takes `inputs`, one for each input of the made_by.json `facts`, and returns them in the network's
// order. Inputs that the network leaves out are dropped. Inputs of one row, which ONNX combines
// with any number of rows, are repeated for each row.
std::vector<NpyArray<float>> TakenBy(const Network& network, std::vector<NpyArray<float>> inputs,
                                     const nlohmann::json& facts);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_ANSWERS_AS_SENT_H_
