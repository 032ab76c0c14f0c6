// Constant tensors of an ONNX file: initializers, what Constant nodes hold, and what is computed
// from those.

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

// A tensor that stays in the parsed file, and how to look at it. Nothing is checked or copied
// before it is read.
struct OnnxConstant {
  const onnx::TensorProto* tensor = nullptr;
  bool transposed = false;    // a matrix that is read with its two dimensions exchanged
  bool for_each_row = false;  // the first dimension, 1, stands for as many as the input has rows

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

// What reading a file's constants may cost, all in all: a short file that uses one long constant a
// thousand times would fill the memory otherwise.
struct ConstantLimits {
  std::int64_t bytes_left = 0;
  ExternalFolder* folder = nullptr;  // null where external data is not to be read
  std::int64_t memory_used = 0;      // for the file and what was read of it
  std::int64_t most_memory = kAnyMemory;
};

// Takes `bytes` of what is left, for something that is made and kept. UNIMPLEMENTED where fewer are
// left, with `what` as the sentence's subject; RESOURCE_EXHAUSTED beyond most_memory.
absl::Status TakeBytes(absl::string_view what, std::int64_t bytes, ConstantLimits& limits);

// UNIMPLEMENTED where a constant has more dimensions, or more entries about external data, than any
// exporter writes: each use of it walks over them.
absl::Status CheckConstant(const OnnxConstant& constant);

// The element type of a tensor that requests can carry; none for the others.
std::optional<Datatype> DatatypeOf(int onnx_type);

// "FLOAT", as ONNX names it, for messages.
std::string ElementTypeName(int onnx_type);
std::string ElementTypeName(Datatype datatype);

// How many values the dimensions make. INVALID_ARGUMENT where one is negative, UNIMPLEMENTED where
// they are 2^31 or more.
absl::StatusOr<std::int64_t> CountOf(const OnnxConstant& constant);

// The values of a floating-point tensor, as trained values are; rounded where they are doubles.
// INVALID_ARGUMENT where the data do not fit the dimensions or stand in two forms;
// RESOURCE_EXHAUSTED beyond most_memory; UNIMPLEMENTED for another element type and beyond the
// limits. Nothing is allocated that the bytes of the file, or of the external file, do not fill.
absl::StatusOr<FloatTensor> ReadFloats(const OnnxConstant& constant, ConstantLimits& limits);

// The same for numbers of any type. UNIMPLEMENTED for an integer that no double holds.
absl::StatusOr<ConstantTensor<double>> ReadNumbers(const OnnxConstant& constant,
                                                   ConstantLimits& limits);

// The same, with integers that no double holds rounded to the next.
absl::StatusOr<ConstantTensor<double>> ReadRoundedNumbers(const OnnxConstant& constant,
                                                          ConstantLimits& limits);

// The values of an INT64 or INT32 tensor of at most one dimension: shapes, axes and indices, which
// ONNX has as no other type.
absl::StatusOr<std::vector<std::int64_t>> ReadIntegers(const OnnxConstant& constant,
                                                       ConstantLimits& limits);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_CONSTANT_H_
