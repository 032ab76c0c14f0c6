// The file of --tokens-file: read at the start, and again whenever it changes. What is wrong leaves
// the callers as they were.

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

  // INVALID_ARGUMENT, NOT_FOUND or PERMISSION_DENIED, with the option and the file, where it is no
  // list of callers, names none, cannot be read, or everybody may write it.
  absl::StatusOr<std::shared_ptr<const AccessList>> Read();

  struct Look {
    bool changed = false;  // the file was read, with another result than before
    // If it changed: the list, or why there is none.
    absl::StatusOr<std::shared_ptr<const AccessList>> list = nullptr;
  };

  // Reads the file if that is due (ReadSchedule).
  Look LookAt();

 private:
  Look ReadOf(const FileStamp& stamp);

  const std::string path_;
  ReadSchedule<FileStamp> schedule_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ACCESS_FILE_H_
