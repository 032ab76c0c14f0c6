// Strings in answers: labels, and results of the classification extension.

#ifndef MLP_SERVER_RPC_ANSWER_STRINGS_H_
#define MLP_SERVER_RPC_ANSWER_STRINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/open_inference.pb.h"
#include "server/served_models/class_names.h"

namespace mlp {

// Writes the BYTES elements of one output, raw or typed. The messages must outlive it.
class AnswerStrings final {
 public:
  AnswerStrings(bool raw, inference::ModelInferResponse::InferOutputTensor& output,
                inference::ModelInferResponse& response);

  void Add(absl::string_view element);

 private:
  std::string* raw_ = nullptr;  // each element after its length in 4 bytes
  inference::InferTensorContents* typed_ = nullptr;
};

// The `best` greatest values of a row, greatest first, each as "value:index", or "value:index:name"
// if there are names. Equal values are in the order of their indices; NaN comes last.
std::vector<std::string> BestUnits(absl::Span<const float> row, std::int64_t best,
                                   const ClassNames& names);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_STRINGS_H_
