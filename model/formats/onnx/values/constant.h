// Constant tensors of an ONNX file: initializers, values of Constant nodes, and constants computed
// from these.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_CONSTANT_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/datatype.h"
#include "model/formats/io/external_data.h"
#include "model/formats/io/memory_bound.h"

namespace mlp {

// A view of a tensor in the parsed file. Nothing is checked or copied until it is read.
struct OnnxConstant {
  const onnx::TensorProto* tensor = nullptr;
  bool transposed = false;    // a matrix that is read with its dimensions exchanged
  bool for_each_row = false;  // the first dimension, 1, stands for the number of rows of the input

  std::vector<std::int64_t> Dimensions() const;

  // "initializer 'w0'", for messages.
  std::string Text() const;
};

// A row-major tensor.
template <typename Value>
struct ConstantTensor {
  std::vector<std::int64_t> dimensions;
  std::vector<Value> values;
};
using FloatTensor = ConstantTensor<float>;

// Limits for reading all of a file's constants. Without them, a short file that uses one long
// constant a thousand times would exhaust the memory.
struct ConstantLimits {
  std::int64_t bytes_left = 0;
  ExternalFolder* folder = nullptr;  // null if external data must not be read
  std::int64_t memory_used = 0;      // for the file and the values read from it
  std::int64_t most_memory = kAnyMemory;
};

// Subtracts `bytes` from the remaining bytes, for something that is made and kept. UNIMPLEMENTED,
// with `what` as the subject of the message, if fewer are left; RESOURCE_EXHAUSTED beyond
// most_memory.
absl::Status TakeBytes(absl::string_view what, std::int64_t bytes, ConstantLimits& limits);

// UNIMPLEMENTED if a constant has more dimensions, or more external data entries, than any exporter
// writes: each use of the constant visits them.
absl::Status CheckConstant(const OnnxConstant& constant);

// The element type, or nothing if requests cannot carry it.
std::optional<Datatype> DatatypeOf(int onnx_type);

// ONNX's name for the type, for messages: "FLOAT".
std::string ElementTypeName(int onnx_type);
std::string ElementTypeName(Datatype datatype);

// The product of the dimensions. INVALID_ARGUMENT if one is negative, UNIMPLEMENTED if the product
// is 2^31 or more.
absl::StatusOr<std::int64_t> CountOf(const OnnxConstant& constant);

// The values of a floating-point tensor, e.g. of trained values, with doubles rounded.
// INVALID_ARGUMENT if the data do not match the dimensions or are given in two forms;
// RESOURCE_EXHAUSTED beyond most_memory; UNIMPLEMENTED for another element type and beyond the
// limits. Never allocates more than the file or the external file fills.
absl::StatusOr<FloatTensor> ReadFloats(const OnnxConstant& constant, ConstantLimits& limits);

// The same for numbers of any type. UNIMPLEMENTED for an integer that is not exact in double.
absl::StatusOr<ConstantTensor<double>> ReadNumbers(const OnnxConstant& constant,
                                                   ConstantLimits& limits);

// The same, but integers that are not exact in double are rounded.
absl::StatusOr<ConstantTensor<double>> ReadRoundedNumbers(const OnnxConstant& constant,
                                                          ConstantLimits& limits);

// The values of an INT64 or INT32 tensor of at most one dimension: shapes, axes and indices, for
// which ONNX has no other types.
absl::StatusOr<std::vector<std::int64_t>> ReadIntegers(const OnnxConstant& constant,
                                                       ConstantLimits& limits);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_CONSTANT_H_
