// What LabelEncoder, in all its versions, and CategoryMapper say: a table from integers, floats or
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
  LabelSide otherwise;  // of one value
};

// The node's table for an input of strings or of numbers. INVALID_ARGUMENT where it has none for
// such an input, where it has not as many values as keys, and beyond the limits.
absl::StatusOr<LabelMapping> LabelMappingOf(const Operands& operands, bool of_strings);

// Takes `bytes` of the conversion's limits for keys or values.
absl::Status TakeMappingBytes(const Operands& operands, std::int64_t bytes);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_LABEL_MAPPING_H_
