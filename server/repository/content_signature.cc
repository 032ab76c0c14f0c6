#include "server/repository/content_signature.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

// Deeper than any model has its files; links may lead in a circle.
constexpr int kMostFolders = 5;

std::vector<std::string> SortedNames(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Adds what is at `path`. File names hold every character but '/' and 0, which end the parts.
void AppendSignature(const fs::path& path, int depth, std::string& signature) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    signature += "-/";
    return;
  }
  absl::StrAppend(&signature, status.st_mode, " ", status.st_dev, " ", status.st_ino);
  if (!S_ISDIR(status.st_mode)) {
    absl::StrAppend(&signature, " ", status.st_size, " ", status.st_mtim.tv_sec, ".",
                    status.st_mtim.tv_nsec, " ", status.st_ctim.tv_sec, ".", status.st_ctim.tv_nsec,
                    "/");
    return;
  }
  signature += "{/";
  if (depth < kMostFolders) {
    for (const std::string& name : SortedNames(path)) {
      absl::StrAppend(&signature, name, "/");
      AppendSignature(path / name, depth + 1, signature);
    }
  }
  signature += "}/";
}

}  // namespace

ContentSignature SignatureOf(const fs::path& folder) {
  ContentSignature signature;
  for (const std::string& name : SortedNames(folder)) {
    if (name[0] != '.') AppendSignature(folder / name, 1, signature[name]);
  }
  return signature;
}

std::string SignatureOfEntry(const fs::path& folder, const std::string& name) {
  std::string signature;
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder / name, error))) return signature;
  AppendSignature(folder / name, 1, signature);
  return signature;
}

}  // namespace mlp
