#include "server/repository/model_repository.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/formats/model_file.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

// A version is a positive integer in its shortest form, so that no two folders name the same one.
std::optional<std::int64_t> VersionOf(const std::string& folder) {
  std::int64_t version = 0;
  // The digits are looked at too, as SimpleAtoi takes spaces: "1 " is not "1".
  const bool digits = std::all_of(folder.begin(), folder.end(),
                                  [](unsigned char c) { return absl::ascii_isdigit(c); });
  if (!digits || folder.empty() || folder[0] == '0' || !absl::SimpleAtoi(folder, &version)) {
    return std::nullopt;
  }
  return version;
}

// The names in a folder, sorted.
absl::StatusOr<std::vector<std::string>> NamesIn(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  std::vector<std::string> names;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot list '", folder.string(), "': ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool IsFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// Whether `path` is a link whose target is not there, which nobody leaves on purpose.
bool IsBrokenLink(const fs::path& path) {
  std::error_code error;
  return fs::is_symlink(fs::symlink_status(path, error)) && !fs::exists(path, error);
}

ModelVersion LoadVersion(std::string name, std::int64_t version, const fs::path& file) {
  ModelVersion loaded;
  loaded.name = std::move(name);
  loaded.version = version;
  absl::StatusOr<ReadNetwork> read = ReadModelFile(file);
  if (read.ok()) {
    loaded.network = std::move(read->network);
    loaded.warnings = std::move(read->warnings);
  } else {
    loaded.status = std::move(read).status();
  }
  return loaded;
}

// Applies the model's settings to one of its versions.
ModelVersion Fitted(ModelVersion version, const fs::path& folder, const ModelSettings& settings) {
  if (!version.network.has_value()) return version;
  version.settings = settings;
  absl::Status status = FitToNetwork(folder, *version.network, version.settings);
  if (!status.ok()) {
    version.network.reset();
    version.status = std::move(status);
  }
  return version;
}

ModelVersion Refused(std::string name, absl::Status status) {
  ModelVersion refused;
  refused.name = std::move(name);
  refused.status = std::move(status);
  return refused;
}

// Adds every version of the model in `folder`.
void LoadModel(const std::string& name, const fs::path& folder, RepositoryContents& contents) {
  const absl::StatusOr<std::vector<std::string>> entries = NamesIn(folder);
  if (!entries.ok()) {
    contents.versions.push_back(
        Refused(name, absl::PermissionDeniedError("the model's folder cannot be read")));
    return;
  }
  std::vector<std::int64_t> versions;
  for (const std::string& entry : *entries) {
    if (entry[0] == '.' || !IsFolder(folder / entry)) {
      continue;
    }
    if (const std::optional<std::int64_t> version = VersionOf(entry)) {
      versions.push_back(*version);
    } else {
      contents.warnings.push_back(
          absl::StrCat("model '", name, "': passed over the folder '", absl::CHexEscape(entry),
                       "'; expected a version: a positive integer without leading zeros"));
    }
  }
  if (versions.empty()) {
    contents.versions.push_back(
        Refused(name, absl::NotFoundError(absl::StrCat("no version found; expected a file 1/",
                                                       kOnnxFile, " in the model's folder"))));
    return;
  }
  std::sort(versions.begin(), versions.end());
  const absl::StatusOr<ModelSettings> settings = ReadModelSettings(folder, name);
  for (const std::int64_t version : versions) {
    if (!settings.ok()) {
      contents.versions.push_back(Refused(name, settings.status()));
      contents.versions.back().version = version;
      continue;
    }
    const fs::path path = folder / absl::StrCat(version) / settings->model_filename;
    contents.versions.push_back(Fitted(LoadVersion(name, version, path), folder, *settings));
  }
}

}  // namespace

bool IsModelName(absl::string_view name) {
  return !name.empty() && name.size() <= 128 && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

absl::StatusOr<RepositoryContents> LoadRepository(const fs::path& root) {
  std::error_code error;
  const fs::file_status status = fs::status(root, error);
  if (error == std::errc::permission_denied) {
    return absl::PermissionDeniedError(
        absl::StrCat("the model repository '", root.string(), "' cannot be read"));
  }
  if (status.type() == fs::file_type::not_found) {
    return absl::NotFoundError(
        absl::StrCat("the model repository '", root.string(), "' does not exist"));
  }
  if (status.type() != fs::file_type::directory) {
    return absl::InvalidArgumentError(absl::StrCat("the model repository '", root.string(),
                                                   "' is no folder; ",
                                                   "to serve one file, use --model"));
  }
  const absl::StatusOr<std::vector<std::string>> names = NamesIn(root);
  if (!names.ok()) {
    return names.status();
  }
  RepositoryContents contents;
  for (const std::string& name : *names) {
    if (name[0] == '.') {
      continue;
    }
    if (!IsFolder(root / name)) {
      if (IsBrokenLink(root / name)) {
        contents.warnings.push_back(absl::StrCat("passed over '", absl::CHexEscape(name),
                                                 "'; it is a link to what is not there"));
      }
      continue;
    }
    if (!IsModelName(name)) {
      contents.warnings.push_back(absl::StrCat(
          "passed over the folder '", absl::CHexEscape(name),
          "'; expected a model's name: 1 to 128 of letters, digits, '.', '_' and '-'"));
      continue;
    }
    LoadModel(name, root / name, contents);
  }
  return contents;
}

absl::StatusOr<RepositoryContents> LoadModelFile(const fs::path& file) {
  const fs::path full = fs::absolute(file).lexically_normal();
  std::string name = full.stem().string();
  std::int64_t version = 1;
  const std::optional<std::int64_t> folder_version =
      VersionOf(full.parent_path().filename().string());
  if (IsModelFileName(full.filename().string()) && folder_version.has_value()) {
    name = full.parent_path().parent_path().filename().string();
    version = *folder_version;
  }
  if (!IsModelName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", absl::CHexEscape(name), "', from the file's name, is no name for a model",
                     "; expected 1 to 128 of letters, digits, '.', '_' and '-'"));
  }
  RepositoryContents contents;
  contents.versions.push_back(LoadVersion(name, version, full));
  if (!contents.versions.front().status.ok()) {
    return contents.versions.front().status;
  }
  return contents;
}

}  // namespace mlp
