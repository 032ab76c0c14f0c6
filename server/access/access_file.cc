#include "server/access/access_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/quote.h"

namespace mlp {
namespace {

absl::StatusOr<AccessList> ReadAccessList(const std::string& path) {
  mode_t mode = 0;
  const absl::StatusOr<std::string> text =
      ReadFileContent(path, static_cast<std::int64_t>(AccessList::kMaxBytes), &mode);
  if (!text.ok()) return text.status();
  if ((mode & S_IWOTH) != 0) {
    return absl::PermissionDeniedError(
        "every user of this machine can write it and so admit anyone; expected mode 0644 or "
        "stricter");
  }
  absl::StatusOr<AccessList> list = AccessList::Parse(*text);
  // A file that is being rewritten is empty for a moment.
  if (list.ok() && list->size() == 0) {
    return absl::InvalidArgumentError("it names no caller; expected at least one");
  }
  return list;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AccessList>> AccessFile::Read() {
  return ReadOf(StampOf(path_)).list;
}

AccessFile::ReadResult AccessFile::ReadIfDue() {
  const FileStamp stamp = StampOf(path_);
  if (!schedule_.IsDue(stamp)) return {};
  return ReadOf(stamp);
}

AccessFile::ReadResult AccessFile::ReadOf(const FileStamp& stamp) {
  absl::StatusOr<AccessList> list = ReadAccessList(path_);
  ReadResult look;
  if (list.ok()) {
    look.list = std::make_shared<const AccessList>(*std::move(list));
  } else {
    look.list = absl::Status(list.status().code(), absl::StrCat("--tokens-file: ", Quote(path_),
                                                                ": ", list.status().message()));
  }
  look.changed = schedule_.WasRead(stamp, std::string(look.list.status().message()));
  return look;
}

}  // namespace mlp
