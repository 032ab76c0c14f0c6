// Reads a network from a model file of any supported format.

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

// Whether it is the name of a model file in a version's folder: model.onnx, model.json or
// model.safetensors.
bool IsModelFileName(absl::string_view name);

// Reads the model at `path`: a folder with either model.onnx or both model.safetensors and
// model.json, one of these files, or an ONNX file of any other name. INVALID_ARGUMENT if a folder
// holds both formats, NOT_FOUND if it holds neither, RESOURCE_EXHAUSTED if reading takes more than
// `most_bytes` of memory; otherwise the errors of the format's reader. Thread-safe.
absl::StatusOr<ReadNetwork> ReadModelFile(const std::filesystem::path& path,
                                          const ExternalData& external_data = {},
                                          std::int64_t most_bytes = kAnyMemory);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_MODEL_FILE_H_
