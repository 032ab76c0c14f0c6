// Reads the file of --tokens-file: at the start, and again whenever it changes. If the new file is
// invalid, the callers stay as they were.

#ifndef MLP_SERVER_ACCESS_ACCESS_FILE_H_
#define MLP_SERVER_ACCESS_ACCESS_FILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/access/access_list.h"
#include "server/file_stamp.h"

namespace mlp {

// For one thread.
class AccessFile final {
 public:
  explicit AccessFile(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  // INVALID_ARGUMENT, NOT_FOUND or PERMISSION_DENIED if the file is not a list of callers, names no
  // caller, cannot be read, or is writable by every user. The message names the option and the
  // file.
  absl::StatusOr<std::shared_ptr<const AccessList>> Read();

  struct ReadResult {
    bool changed = false;  // it was read, and the file or the result is new
    // If `changed`: the list, or the error.
    absl::StatusOr<std::shared_ptr<const AccessList>> list = nullptr;
  };

  // Reads the file if it is due (ReadSchedule).
  ReadResult ReadIfDue();

 private:
  ReadResult ReadOf(const FileStamp& stamp);

  const std::string path_;
  ReadSchedule<FileStamp> schedule_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ACCESS_FILE_H_
