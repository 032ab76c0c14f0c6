#include "server/access/access_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/quote.h"

namespace mlp {
namespace {

absl::StatusOr<AccessList> ReadAccessList(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) == 0 && (facts.st_mode & S_IWOTH) != 0) {
    return absl::PermissionDeniedError(
        "everybody on this machine may write it, and so let anybody in; expected a file of mode "
        "0644 or less");
  }
  const absl::StatusOr<std::string> text =
      ReadFileContent(path, static_cast<std::int64_t>(AccessList::kMostBytes));
  if (!text.ok()) return text.status();
  absl::StatusOr<AccessList> list = AccessList::Parse(*text);
  // One that somebody is about to write is empty for a moment.
  if (list.ok() && list->size() == 0) {
    return absl::InvalidArgumentError("it names no caller; expected one at least");
  }
  return list;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AccessList>> AccessFile::Read() {
  read_ = seen_ = StampOf(path_);
  absl::StatusOr<AccessList> list = ReadAccessList(path_);
  if (!list.ok()) {
    return absl::Status(list.status().code(), absl::StrCat("--tokens-file: ", Quote(path_), ": ",
                                                           list.status().message()));
  }
  return std::make_shared<const AccessList>(*std::move(list));
}

AccessFile::Look AccessFile::LookAt() {
  const FileStamp stamp = StampOf(path_);
  const bool at_rest = stamp == seen_;
  seen_ = stamp;
  if (stamp == read_ || !at_rest) return {};
  return {true, Read()};
}

}  // namespace mlp
