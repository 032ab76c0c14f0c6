// The tables of LabelEncoder, in all its versions, and of CategoryMapper: from integers, floats or
// strings to others. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_LABEL_MAPPING_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_LABEL_MAPPING_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// One side of a mapping: numbers, or words.
struct LabelSide {
  bool words = false;
  std::vector<double> numbers;
  std::vector<std::string> strings;
  Datatype datatype = Datatype::kInt64;

  std::size_t size() const { return words ? strings.size() : numbers.size(); }
};

struct LabelMapping {
  LabelSide keys;
  LabelSide values;
  LabelSide default_value;  // one value
};

// The node's table for an input of strings or of numbers. INVALID_ARGUMENT if it has none for such
// an input, or if the numbers of keys and values differ. Fails like TakeBytes beyond the limits.
absl::StatusOr<LabelMapping> LabelMappingOf(const Operands& operands, bool of_strings);

// Subtracts `bytes` for keys or values from the conversion's limits.
absl::Status TakeMappingBytes(const Operands& operands, std::int64_t bytes);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_LABEL_MAPPING_H_
