// Tensors' data in files next to the model: ONNX's external data.
//
// Years of patches in other programs have shown that checking names ("..", links) does not make
// this safe. The kernel therefore resolves the path: a file is opened only beneath a root, and only
// if it is a regular file. Symbolic links are allowed, because Kubernetes and the caches of model
// hubs use them, but they must not leave the root.

#ifndef MLP_MODEL_FORMATS_IO_EXTERNAL_DATA_H_
#define MLP_MODEL_FORMATS_IO_EXTERNAL_DATA_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace mlp {

// Which other files may hold a model's tensors.
struct ExternalData {
  // False for a model that a client sent: it has no folder to trust.
  bool allowed = true;

  // Names stay within the model's folder. Symbolic links may lead anywhere below this folder, e.g.
  // the repository; if empty, below the model's folder.
  std::filesystem::path root{};

  // Whether a file may have more than one hard link. Such a link may point to any user's file.
  bool hard_links = false;
};

class ExternalFolder final {
 public:
  // Opens the model's folder, which must be `rules.root` or below it. REQUIRES: rules.allowed.
  static absl::StatusOr<ExternalFolder> Open(const std::filesystem::path& folder,
                                             const ExternalData& rules = {});

  ExternalFolder(ExternalFolder&& other) noexcept;
  ExternalFolder& operator=(ExternalFolder&&) = delete;
  ~ExternalFolder();

  // Reads `length` bytes from `offset` on of the file at `location`, relative to the folder. On the
  // first read of a file, adds its size to bytes_seen(). NOT_FOUND or PERMISSION_DENIED if the file
  // cannot be opened. INVALID_ARGUMENT if its name or a link leaves the folder or the root, if it
  // is not a regular file, has a second hard link that the rules do not allow, or is too short.
  absl::StatusOr<std::string> Read(const std::string& location, std::int64_t offset,
                                   std::int64_t length);

  // The total size of all files read so far.
  std::int64_t bytes_seen() const { return bytes_seen_; }

 private:
  ExternalFolder(int root, std::filesystem::path folder, bool hard_links)
      : root_(root), folder_(std::move(folder)), hard_links_(hard_links) {}

  int root_ = -1;                 // a descriptor
  std::filesystem::path folder_;  // relative to the root
  bool hard_links_ = false;
  std::int64_t bytes_seen_ = 0;
  absl::flat_hash_set<std::string> seen_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_EXTERNAL_DATA_H_
