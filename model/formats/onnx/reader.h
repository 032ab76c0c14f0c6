// Reads a multi-layer perceptron from an ONNX file, as PyTorch, tf2onnx and skl2onnx write it.
// docs/reference/onnx.md lists what is supported for each operator.

#ifndef MLP_MODEL_FORMATS_ONNX_READER_H_
#define MLP_MODEL_FORMATS_ONNX_READER_H_

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/external_data.h"
#include "model/formats/io/memory_bound.h"
#include "model/formats/read_network.h"

namespace mlp {

// Reads a serialised onnx.ModelProto without external data. INVALID_ARGUMENT for a malformed file;
// UNIMPLEMENTED for a valid file that is not an MLP or uses something unsupported. The message
// names the node, its operator and what is supported. Time and memory are linear in the size of
// `model`. Thread-safe.
absl::StatusOr<ReadNetwork> ReadOnnx(absl::string_view model);

// The same for a file and the external data in its folder (external_data.h). NOT_FOUND or
// PERMISSION_DENIED if it cannot be opened. INVALID_ARGUMENT if it is not a regular file or exceeds
// protobuf's 2 GiB. RESOURCE_EXHAUSTED if the file, its parsed form and the values read from it
// take more than `most_bytes`. Messages contain the file's name but not its folder.
absl::StatusOr<ReadNetwork> ReadOnnxFile(const std::filesystem::path& file,
                                         const ExternalData& external_data = {},
                                         std::int64_t most_bytes = kAnyMemory);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_READER_H_
