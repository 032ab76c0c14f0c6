// The files of a model that a client sent, in a folder of their own as a repository has it.

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
  std::string name;          // as IsPlainFileName takes it
  std::string content;
};

// The folder, which nobody else may enter, is removed with this.
class UploadedModel final {
 public:
  // Writes `files`, of which no two have the same place. RESOURCE_EXHAUSTED where there is no
  // place for them.
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
