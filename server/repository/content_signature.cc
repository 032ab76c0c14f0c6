#include "server/repository/content_signature.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

// Deeper than any model keeps its files.
constexpr int kMaxFolders = 5;

// More files than any model has. A link may lead to a folder that contains a whole file system.
constexpr int kMaxEntries = 10'000;

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

// Device and inode.
using Folder = std::pair<dev_t, ino_t>;

// The folder at `path` and all its ancestors in the file system. A link to one of these leads back
// up: to the model again, or to what is not the model's.
std::set<Folder> FoldersAbove(const fs::path& path) {
  std::set<Folder> folders;
  std::error_code error;
  for (fs::path folder = fs::canonical(path, error); !folder.empty();
       folder = folder.parent_path()) {
    struct stat status {};
    if (stat(folder.c_str(), &status) == 0) folders.emplace(status.st_dev, status.st_ino);
    if (folder == folder.root_path()) break;
  }
  return folders;
}

// The signature of one name in a model's folder. File names may contain any character except '/'
// and 0, so '/' ends each part.
class EntrySignature final {
 public:
  // `above`: FoldersAbove(model).
  EntrySignature(const fs::path& model, std::set<Folder> above) : entered_(std::move(above)) {
    struct stat status {};
    if (stat(model.c_str(), &status) == 0) model_ = {status.st_dev, status.st_ino};
  }

  std::string Of(const fs::path& path) && {
    // A version may be a link to the model's own folder, with the model file beside the settings.
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && Folder(status.st_dev, status.st_ino) == model_) {
      entered_.erase(model_);
    }
    Append(path, 1);
    return std::move(signature_);
  }

 private:
  void Append(const fs::path& path, int depth) {
    if (--entries_left_ < 0) return;
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) {
      signature_ += "-/";
      return;
    }
    absl::StrAppend(&signature_, status.st_mode, " ", status.st_dev, " ", status.st_ino);
    if (!S_ISDIR(status.st_mode)) {
      absl::StrAppend(&signature_, " ", status.st_size, " ", status.st_mtim.tv_sec, ".",
                      status.st_mtim.tv_nsec, " ", status.st_ctim.tv_sec, ".",
                      status.st_ctim.tv_nsec, "/");
      return;
    }
    signature_ += "{/";
    // The contents of a folder are in the signature once, however many links lead to it.
    if (depth < kMaxFolders && entered_.emplace(status.st_dev, status.st_ino).second) {
      for (const std::string& name : SortedNames(path)) {
        if (entries_left_ <= 0) break;
        absl::StrAppend(&signature_, name, "/");
        Append(path / name, depth + 1);
      }
    }
    signature_ += "}/";
  }

  std::set<Folder> entered_;
  Folder model_;
  int entries_left_ = kMaxEntries;
  std::string signature_;
};

}  // namespace

ContentSignature SignatureOf(const fs::path& folder) {
  ContentSignature signature;
  const std::set<Folder> above = FoldersAbove(folder);
  for (const std::string& name : SortedNames(folder)) {
    if (name[0] != '.') signature[name] = EntrySignature(folder, above).Of(folder / name);
  }
  return signature;
}

std::string SignatureOfEntry(const fs::path& folder, const std::string& name) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder / name, error))) return {};
  return EntrySignature(folder, FoldersAbove(folder)).Of(folder / name);
}

std::string ContentOf(const ContentSignature& content, std::int64_t version) {
  const auto entry = content.find(absl::StrCat(version));
  return entry == content.end() ? std::string() : entry->second;
}

}  // namespace mlp
