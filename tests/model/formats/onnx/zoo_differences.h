// The rows of fixtures/zoo whose answers differ from ONNX Runtime's, each with its reason.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_ZOO_DIFFERENCES_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_ZOO_DIFFERENCES_H_

#include <string>
#include <vector>

namespace mlp {

// Rows of one kind of a model.
struct ZooDifference {
  const char* model;
  const char* kind;  // as in made_by.json
  // True if the answers differ on every instruction set. Otherwise some sets add up in another
  // order and give ONNX Runtime's answer.
  bool always;
  const char* reason;
};

// Null for rows answered as by ONNX Runtime.
const ZooDifference* FindZooDifference(const std::string& model, const std::string& kind);

// All differences of a model.
std::vector<ZooDifference> ZooDifferencesOf(const std::string& model);

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_ZOO_DIFFERENCES_H_
