// Strings in answers: labels, and what the classification extension says.

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

// Writes the BYTES elements of one output, raw or typed; the messages must outlive it.
class AnswerStrings final {
 public:
  AnswerStrings(bool raw, inference::ModelInferResponse::InferOutputTensor& output,
                inference::ModelInferResponse& response);

  void Add(absl::string_view element);

 private:
  std::string* raw_ = nullptr;  // each element with its length in 4 bytes in front of it
  inference::InferTensorContents* typed_ = nullptr;
};

// The `best` greatest of a row's values, greatest first, each as "value:index", or
// "value:index:name" where there are names; equal ones in the order of their indices, NaN last.
std::vector<std::string> BestUnits(absl::Span<const float> row, std::int64_t best,
                                   const ClassNames& names);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_STRINGS_H_
