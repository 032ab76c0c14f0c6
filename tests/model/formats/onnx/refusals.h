// What users are refused, by kinds, each on a graph of a few nodes: docs/refusals.md and its test.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_REFUSALS_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_REFUSALS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {

struct Refusal {
  const char* kind;  // the heading
  const char* what;  // in the words of someone who knows the exporter
  std::string file;  // the bytes of an ONNX file
  absl::StatusCode code;
  const char* to_do;  // what works instead, in the exporter's words
};

// In the order of the document; those of a kind stand together.
const std::vector<Refusal>& Refusals();

// A file with one node of this operator behind a layer.
std::string FileWithOperator(const std::string& domain, const std::string& name);

// docs/refusals.md: with the messages that the reader gives now.
std::string RefusalsDocument();

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_REFUSALS_H_
