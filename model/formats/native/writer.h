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

// What ReadNative reads as a network that answers bit-identically. Layers get the names that the
// network has for them, and the document has the tensors' SHA-256. INVALID_ARGUMENT for a name or a
// label that is no UTF-8, UNIMPLEMENTED where the network is beyond a bound of the format
// (docs/native_format.md), naming it. Thread-safe.
absl::StatusOr<NativeModel> WriteNative(const Network& network);

// Writes both files into `folder`, which is made where it is missing; the one above it must be
// there. ALREADY_EXISTS where one of the files is there, and PERMISSION_DENIED where they cannot be
// written; else as WriteNative.
absl::Status WriteNativeFolder(const Network& network, const std::filesystem::path& folder);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_WRITER_H_
