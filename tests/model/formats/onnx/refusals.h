// What the reader refuses, by kind, each on a graph of a few nodes. For docs/reference/refusals.md
// and its test.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_REFUSALS_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_REFUSALS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {

struct Refusal {
  const char* kind;  // the heading
  const char* what;  // in words for someone who knows the exporter
  std::string file;  // the bytes of an ONNX file
  absl::StatusCode code;
  const char* to_do;  // what works instead, in the exporter's terms
};

// In the order of the document. Refusals of a kind are adjacent.
const std::vector<Refusal>& Refusals();

// A file with one node of this operator behind a layer.
std::string FileWithOperator(const std::string& domain, const std::string& name);

// The text of docs/reference/refusals.md, with the messages that the reader gives now.
std::string RefusalsDocument();

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_REFUSALS_H_
