// Tensors' data in files beside the model: ONNX's external data.
//
// Years of patches elsewhere could not make this safe by looking at the names ("..", links), so the
// kernel checks them: a file is opened only beneath the model's own folder, through no symbolic
// link and into no other file system, and has to be a plain file with no second name.

#ifndef MLP_MODEL_FORMATS_EXTERNAL_DATA_H_
#define MLP_MODEL_FORMATS_EXTERNAL_DATA_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace mlp {

class ExternalFolder final {
 public:
  // The folder that the model's file is in.
  static absl::StatusOr<ExternalFolder> Open(const std::filesystem::path& folder);

  ExternalFolder(ExternalFolder&& other) noexcept;
  ExternalFolder& operator=(ExternalFolder&&) = delete;
  ~ExternalFolder();

  // `length` bytes from `offset` on of the file at `location`, relative to the folder. Adds the
  // file's size to bytes_seen() where it is the first time. NOT_FOUND or PERMISSION_DENIED where it
  // cannot be opened, INVALID_ARGUMENT where it is no plain file of its own or too short.
  absl::StatusOr<std::string> Read(const std::string& location, std::int64_t offset,
                                   std::int64_t length);

  // The sizes of all files that were read from.
  std::int64_t bytes_seen() const { return bytes_seen_; }

 private:
  explicit ExternalFolder(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
  std::int64_t bytes_seen_ = 0;
  absl::flat_hash_set<std::string> seen_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_EXTERNAL_DATA_H_
