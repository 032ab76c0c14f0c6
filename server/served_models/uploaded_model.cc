#include "server/served_models/uploaded_model.h"

#include <cstdlib>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

absl::Status NoPlace() {
  return absl::ResourceExhaustedError(
      "the server cannot store the model's files; expected a temporary folder (TMPDIR) with "
      "room for them");
}

}  // namespace

UploadedModel::UploadedModel(fs::path folder) : folder_(std::move(folder)) {}

UploadedModel::UploadedModel(UploadedModel&& other) noexcept
    : folder_(std::exchange(other.folder_, {})) {}

UploadedModel::~UploadedModel() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

absl::StatusOr<UploadedModel> UploadedModel::Write(const std::vector<UploadedFile>& files) {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "mlpserve-model-XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) return NoPlace();  // of mode 0700
  UploadedModel model{fs::path(name)};
  for (const UploadedFile& file : files) {
    const fs::path folder = model.folder() / absl::StrCat(file.version);
    fs::create_directory(folder, error);
    if (error || !WriteNewFile(folder / file.name, file.content).ok()) return NoPlace();
  }
  return model;
}

}  // namespace mlp
