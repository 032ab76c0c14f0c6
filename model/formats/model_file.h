// Reads a network in whatever format it is in.

#ifndef MLP_MODEL_FORMATS_MODEL_FILE_H_
#define MLP_MODEL_FORMATS_MODEL_FILE_H_

#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/external_data.h"
#include "model/formats/io/memory_bound.h"
#include "model/formats/read_network.h"

namespace mlp {

inline constexpr char kOnnxFile[] = "model.onnx";

// Whether a version's folder holds its model under this name: model.onnx, model.json or
// model.safetensors.
bool IsModelFileName(absl::string_view name);

// Reads what `path` is: a folder that holds either model.onnx or model.safetensors with model.json,
// one of these two, or an ONNX file of any other name. INVALID_ARGUMENT for a folder that holds
// both, NOT_FOUND for one that holds neither, RESOURCE_EXHAUSTED where reading it takes more than
// `most_bytes` of memory; else as the reader of the format. Thread-safe.
absl::StatusOr<ReadNetwork> ReadModelFile(const std::filesystem::path& path,
                                          const ExternalData& external_data = {},
                                          std::int64_t most_bytes = kAnyMemory);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_MODEL_FILE_H_
