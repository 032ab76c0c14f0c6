// Reads a multi-layer perceptron in the native format: weights in model.safetensors, everything
// else in model.json. docs/reference/native_format.md describes both.

#ifndef MLP_MODEL_FORMATS_NATIVE_READER_H_
#define MLP_MODEL_FORMATS_NATIVE_READER_H_

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/memory_bound.h"
#include "model/formats/read_network.h"

namespace mlp {

inline constexpr char kNativeDocumentFile[] = "model.json";
inline constexpr char kNativeTensorsFile[] = "model.safetensors";

// Reads the contents of the two files. INVALID_ARGUMENT for malformed or mismatched contents,
// including tensors whose SHA-256 differs from the document's. UNIMPLEMENTED for an unsupported
// network. The message names the place in the document and the tensor. Memory is limited to a small
// multiple of the contents' size; RESOURCE_EXHAUSTED if `tensors` and the values read from them
// take more than `most_bytes`. Thread-safe.
absl::StatusOr<ReadNetwork> ReadNative(absl::string_view document, absl::string_view tensors,
                                       std::int64_t most_bytes = kAnyMemory);

// The same for the two files in `folder`. NOT_FOUND or PERMISSION_DENIED if a file cannot be
// opened. Messages contain the file's name but not its folder.
absl::StatusOr<ReadNetwork> ReadNativeFolder(const std::filesystem::path& folder,
                                             std::int64_t most_bytes = kAnyMemory);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_READER_H_
