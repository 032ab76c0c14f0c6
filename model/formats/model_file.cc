#include "model/formats/model_file.h"

#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/native/reader.h"
#include "model/formats/onnx/reader.h"

namespace mlp {
namespace {

// Counts dangling links too: the reader then reports the missing file.
bool Holds(const std::filesystem::path& folder, const char* name) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(folder / name, error));
}

bool IsNativeFileName(absl::string_view name) {
  return name == kNativeDocumentFile || name == kNativeTensorsFile;
}

}  // namespace

bool IsModelFileName(absl::string_view name) { return name == kOnnxFile || IsNativeFileName(name); }

absl::StatusOr<ReadNetwork> ReadModelFile(const std::filesystem::path& path,
                                          const ExternalData& external_data,
                                          std::int64_t most_bytes) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return IsNativeFileName(path.filename().string())
               ? ReadNativeFolder(path.parent_path(), most_bytes)
               : ReadOnnxFile(path, external_data, most_bytes);
  }
  const bool onnx = Holds(path, kOnnxFile);
  const bool native = Holds(path, kNativeDocumentFile) || Holds(path, kNativeTensorsFile);
  if (onnx && native) {
    return absl::InvalidArgumentError(absl::StrCat("there are both ", kOnnxFile, " and ",
                                                   kNativeDocumentFile, " or ", kNativeTensorsFile,
                                                   "; expected one model in a folder"));
  }
  if (native) return ReadNativeFolder(path, most_bytes);
  if (onnx) return ReadOnnxFile(path / kOnnxFile, external_data, most_bytes);
  return absl::NotFoundError(absl::StrCat("there is no file '", kOnnxFile, "', and no '",
                                          kNativeTensorsFile, "' with '", kNativeDocumentFile,
                                          "'"));
}

}  // namespace mlp
