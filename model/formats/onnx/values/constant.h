// Constant tensors of an ONNX file: initializers, values of Constant nodes, and constants computed
// from these. read_constant.h reads their values.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_CONSTANT_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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

// The product of the dimensions. INVALID_ARGUMENT if one is negative, UNIMPLEMENTED if the product
// is 2^31 or more.
absl::StatusOr<std::int64_t> CountOf(const OnnxConstant& constant);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_CONSTANT_H_
