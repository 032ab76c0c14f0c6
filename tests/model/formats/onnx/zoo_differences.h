// The rows of fixtures/zoo whose answers differ from ONNX Runtime's, with the reason of each.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_ZOO_DIFFERENCES_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_ZOO_DIFFERENCES_H_

#include <string>
#include <vector>

namespace mlp {

// Rows of one kind of a model.
struct ZooDifference {
  const char* model;
  const char* kind;  // as made_by.json names it
  // On every instruction set; else some add up in another order and answer as ONNX Runtime does.
  bool always;
  const char* reason;
};

// Null for rows that are answered as ONNX Runtime does.
const ZooDifference* FindZooDifference(const std::string& model, const std::string& kind);

// All of a model.
std::vector<ZooDifference> ZooDifferencesOf(const std::string& model);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_ZOO_DIFFERENCES_H_
