// Detects whether a file has changed: if its contents change or another file takes its name, its
// stamp differs. Follows links, because Kubernetes updates files by exchanging links.

#ifndef MLP_SERVER_FILE_STAMP_H_
#define MLP_SERVER_FILE_STAMP_H_

#include <sys/stat.h>

#include <string>

namespace mlp {

struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec changed{};

  bool operator==(const FileStamp& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
  }
};

// All zeros if there is no such file.
inline FileStamp StampOf(const std::string& path) {
  struct stat facts {};
  if (path.empty() || stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_dev, facts.st_ino, facts.st_size, facts.st_ctim};
}

}  // namespace mlp

#endif  // MLP_SERVER_FILE_STAMP_H_
