// What fixtures are asked and answer, as far as a server stands between the evaluator and a client:
// labels, words, integers, and inputs that a network leaves out.

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

// What an output of labels or of decisions says of `values`, [rows, units]: the texts of a .txt
// file, or integers.
std::vector<std::string> LabelsOf(const NetworkOutput& output, const std::vector<float>& values,
                                  std::int64_t units);

// The same as `file` has it, a .txt file with one a line or integers in a .npy file.
std::vector<std::string> ExpectedLabels(const std::filesystem::path& file);

// The words that an output of positions names.
std::vector<std::string> WordsOf(const Vocabulary& vocabulary, const std::vector<float>& values);

// What is sent of an output that the file has in integers.
std::vector<float> AsIntegers(const NetworkOutput& output, std::vector<float> values);

// `inputs`, one for each of the made_by.json `facts`, in the order of the network's: without those
// that it leaves out, and with those of one row, which go with any number of rows in ONNX, once for
// each row.
std::vector<NpyArray<float>> TakenBy(const Network& network, std::vector<NpyArray<float>> inputs,
                                     const nlohmann::json& facts);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_ANSWERS_AS_SENT_H_
