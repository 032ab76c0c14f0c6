#include "server/repository/model_repository.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/drift/network_digest.h"
#include "model/formats/io/external_data.h"
#include "model/formats/model_file.h"
#include "model/formats/native/reader.h"
#include "model/quote.h"
#include "server/repository/unfinished_weights.h"
#include "server/repository/version_baseline.h"
#include "server/repository/version_labels.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

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

// Whether `path` is a link whose target does not exist, which nobody leaves on purpose.
bool IsBrokenLink(const fs::path& path) {
  std::error_code error;
  return fs::is_symlink(fs::symlink_status(path, error)) && !fs::exists(path, error);
}

// Loads the network, and the test vector and the baseline beside its file. Sets `proved` to whether
// a checksum or the test vector would reveal weights that are not completely written.
ModelVersion LoadNetwork(absl::string_view name, std::int64_t version, const fs::path& file,
                         const ExternalData& external_data, std::int64_t most_bytes, bool& proved) {
  ModelVersion loaded;
  loaded.name = std::string(name);
  loaded.version = version;
  absl::StatusOr<ReadNetwork> read = ReadModelFile(file, external_data, most_bytes);
  if (!read.ok()) {
    loaded.status = std::move(read).status();
    return loaded;
  }
  loaded.warnings = std::move(read->warnings);
  absl::StatusOr<std::optional<TestVector>> vector =
      ReadTestVector(file.parent_path(), read->network);
  if (!vector.ok()) {
    loaded.status = std::move(vector).status();
    return loaded;
  }
  loaded.digest = NetworkDigest(read->network);
  FoundBaseline baseline =
      ReadVersionBaseline(file.parent_path(), read->network, loaded.digest, most_bytes);
  loaded.baseline = std::move(baseline.baseline);
  loaded.baseline_refused = std::move(baseline.refused);
  proved = read->weights_verified || vector->has_value();
  loaded.test_vector = *std::move(vector);
  loaded.network = std::move(read->network);
  return loaded;
}

// Fits the settings of `version` to its network.
absl::Status Fit(const fs::path& folder, ModelVersion& version) {
  if (auto status = FitToNetwork(folder, *version.network, version.settings); !status.ok()) {
    return status;
  }
  absl::StatusOr<std::vector<WarmUpRequest>> warm_up =
      ReadWarmUp(folder, version.settings.config, *version.network);
  if (!warm_up.ok()) return warm_up.status();
  version.warm_up = *std::move(warm_up);
  return absl::OkStatus();
}

constexpr std::size_t kLongestModelName = 128;

}  // namespace

bool IsModelName(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestModelName && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

std::string ModelNameRule(absl::string_view name) {
  std::string other;
  for (const char c : name) {
    const bool fits = IsModelName(absl::string_view(&c, 1)) || (c == '.' && !other.empty());
    // One '_' for each run of characters that do not fit.
    if (fits) {
      other.push_back(c);
    } else if (!other.empty() && other.back() != '_') {
      other.push_back('_');
    }
  }
  other.resize(std::min(other.size(), kLongestModelName));
  while (!other.empty() && other.back() == '_') other.pop_back();
  return absl::StrCat("1 to ", kLongestModelName,
                      " letters, digits, '.', '_' and '-', not starting with a dot",
                      "; rename it, for example to '", other.empty() ? "model" : other, "'");
}

absl::StatusOr<RepositoryListing> ListRepository(const fs::path& root) {
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
                                                   "' is not a folder; ",
                                                   "to serve one file, use --model"));
  }
  const absl::StatusOr<std::vector<std::string>> names = NamesIn(root);
  if (!names.ok()) {
    return names.status();
  }
  RepositoryListing listing;
  for (const std::string& name : *names) {
    if (name[0] == '.') {
      continue;
    }
    if (!IsFolder(root / name)) {
      if (IsBrokenLink(root / name)) {
        listing.warnings.push_back(
            absl::StrCat("skipped '", absl::CHexEscape(name), "': it is a broken link"));
      }
      continue;
    }
    if (!IsModelName(name)) {
      listing.warnings.push_back(absl::StrCat("skipped the folder '", absl::CHexEscape(name),
                                              "': not a model name; expected ",
                                              ModelNameRule(name)));
      continue;
    }
    listing.models.push_back(name);
  }
  return listing;
}

absl::StatusOr<VersionListing> ListVersions(const fs::path& folder, absl::string_view name) {
  const absl::StatusOr<std::vector<std::string>> entries = NamesIn(folder);
  if (!entries.ok()) {
    if (!IsFolder(folder)) {
      return absl::NotFoundError(
          absl::StrCat("model ", Quote(name), " is not in the model repository"));
    }
    return absl::PermissionDeniedError("the model's folder cannot be read");
  }
  VersionListing listing;
  for (const std::string& entry : *entries) {
    if (entry[0] == '.' || !IsFolder(folder / entry)) {
      continue;
    }
    if (const std::optional<std::int64_t> version = ParseVersion(entry)) {
      listing.versions.push_back(*version);
    } else {
      listing.warnings.push_back(
          absl::StrCat("model '", name, "': skipped the folder '", absl::CHexEscape(entry),
                       "': not a version; expected a positive integer without leading zeros"));
    }
  }
  std::sort(listing.versions.begin(), listing.versions.end());
  return listing;
}

ModelVersion LoadVersion(const fs::path& folder, absl::string_view name, std::int64_t version,
                         const ModelSettings& settings, const ExternalData& external_data,
                         std::int64_t most_bytes) {
  const fs::path place = folder / absl::StrCat(version);
  if (!IsFolder(place)) {
    ModelVersion missing;
    missing.name = std::string(name);
    missing.version = version;
    missing.status = absl::NotFoundError("the version has no folder");
    return missing;
  }
  bool proved = false;
  ModelVersion loaded = LoadNetwork(name, version, place / settings.model_filename, external_data,
                                    most_bytes, proved);
  if (!loaded.network.has_value()) return loaded;
  loaded.settings = settings;
  loaded.status = Fit(folder, loaded);
  // Only models that a client sent have no external data, and the server itself wrote their files.
  if (loaded.status.ok() && !proved && external_data.allowed) {
    loaded.status = CheckFilesAreFinished(place);
  }
  if (!loaded.status.ok()) loaded.network.reset();
  return loaded;
}

absl::StatusOr<ModelVersion> LoadModelFile(const fs::path& file, const ExternalData& external_data,
                                           std::int64_t most_bytes) {
  const fs::path full = fs::absolute(file).lexically_normal();
  std::string name = full.stem().string();
  absl::string_view named_after = "file";
  std::int64_t version = 1;
  const std::optional<std::int64_t> folder_version =
      ParseVersion(full.parent_path().filename().string());
  if (IsModelFileName(full.filename().string()) && folder_version.has_value()) {
    name = full.parent_path().parent_path().filename().string();
    named_after = "folder";
    version = *folder_version;
  }
  if (!IsModelName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", absl::CHexEscape(name), "', from the ", named_after,
                     "'s name, is not a model name; expected ", ModelNameRule(name)));
  }
  bool proved = false;
  ModelVersion loaded = LoadNetwork(name, version, full, external_data, most_bytes, proved);
  if (!loaded.status.ok()) return loaded.status;
  if (!proved) {
    // Other files in that folder may belong to something else.
    const bool native = full.filename() == kNativeDocumentFile;
    const fs::path weights = native ? full.parent_path() / kNativeTensorsFile : full;
    if (auto status = CheckFileIsFinished(weights); !status.ok()) return status;
  }
  return loaded;
}

}  // namespace mlp
