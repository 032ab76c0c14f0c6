// The files of a model that a client sent, in a separate folder laid out as in a repository.

#ifndef MLP_SERVER_SERVED_MODELS_UPLOADED_MODEL_H_
#define MLP_SERVER_SERVED_MODELS_UPLOADED_MODEL_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace mlp {

struct UploadedFile {
  std::int64_t version = 0;  // 1 or more
  std::string name;          // as IsPlainFileName accepts it
  std::string content;
};

// Owns the folder, which no other user may enter, and removes it on destruction.
class UploadedModel final {
 public:
  // Writes `files`, no two of which have the same path. RESOURCE_EXHAUSTED if there is no room for
  // them.
  static absl::StatusOr<UploadedModel> Write(const std::vector<UploadedFile>& files);

  ~UploadedModel();
  UploadedModel(UploadedModel&& other) noexcept;
  UploadedModel& operator=(UploadedModel&&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  explicit UploadedModel(std::filesystem::path folder);

  std::filesystem::path folder_;
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_UPLOADED_MODEL_H_
