// Tensors' data in files beside the model: ONNX's external data.
//
// Years of patches elsewhere could not make this safe by looking at the names ("..", links), so the
// kernel resolves them: a file is opened only beneath a root, which symbolic links do not leave
// either, as Kubernetes and caches of model hubs lay files by them; and it has to be a plain file.

#ifndef MLP_MODEL_FORMATS_IO_EXTERNAL_DATA_H_
#define MLP_MODEL_FORMATS_IO_EXTERNAL_DATA_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace mlp {

// Which other files may hold tensors of a model's file.
struct ExternalData {
  // Not where a client sent the model, which then has no folder of its own to trust.
  bool allowed = true;

  // Their names are of the model's own folder and below, and symbolic links lead nowhere but below
  // this one, e.g. the repository; that of the model where none is given.
  std::filesystem::path root{};

  // Whether they may have a second name, which may be anyone's file, linked there.
  bool hard_links = false;
};

class ExternalFolder final {
 public:
  // The folder that the model's file is in, which is `rules.root` or below it. REQUIRES: allowed.
  static absl::StatusOr<ExternalFolder> Open(const std::filesystem::path& folder,
                                             const ExternalData& rules = {});

  ExternalFolder(ExternalFolder&& other) noexcept;
  ExternalFolder& operator=(ExternalFolder&&) = delete;
  ~ExternalFolder();

  // `length` bytes from `offset` on of the file at `location`, relative to the folder. Adds the
  // file's size to bytes_seen() where it is the first time. NOT_FOUND or PERMISSION_DENIED where it
  // cannot be opened; INVALID_ARGUMENT where its name or a link leaves the folder or the root, and
  // where it is no plain file, has a second name that the rules do not allow, or is too short.
  absl::StatusOr<std::string> Read(const std::string& location, std::int64_t offset,
                                   std::int64_t length);

  // The sizes of all files that were read from.
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
