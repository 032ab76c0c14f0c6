// Writes a network in the native format.

#ifndef MLP_MODEL_FORMATS_NATIVE_WRITER_H_
#define MLP_MODEL_FORMATS_NATIVE_WRITER_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/network.h"

namespace mlp {

struct NativeModel {
  std::string document;  // model.json
  std::string tensors;   // model.safetensors
};

// The contents that ReadNative reads as a network with bit-identical answers. Layers keep the
// network's names for them, and the document has the tensors' SHA-256. INVALID_ARGUMENT for a name
// or a label that is not UTF-8; UNIMPLEMENTED, naming the limit, if the network exceeds a limit of
// the format (docs/reference/native_format.md). Thread-safe.
absl::StatusOr<NativeModel> WriteNative(const Network& network);

// Writes both files into `folder`, which is created if missing; its parent must exist.
// ALREADY_EXISTS if one of the files exists, PERMISSION_DENIED if they cannot be written; otherwise
// the errors of WriteNative.
absl::Status WriteNativeFolder(const Network& network, const std::filesystem::path& folder);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_WRITER_H_
