// Detects whether a file has changed: if its contents change or another file takes its name, its
// stamp differs. Follows links, because Kubernetes updates files by exchanging links.

#ifndef MLP_SERVER_FILE_STAMP_H_
#define MLP_SERVER_FILE_STAMP_H_

#include <sys/stat.h>

#include <string>
#include <utility>

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
  bool operator!=(const FileStamp& other) const { return !(*this == other); }
};

// All zeros if there is no such file.
inline FileStamp StampOf(const std::string& path) {
  struct stat facts {};
  if (path.empty() || stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_dev, facts.st_ino, facts.st_size, facts.st_ctim};
}

// Decides, look by look, when files are due to be read. `Stamps` is a FileStamp or an array of
// them. For one thread.
template <typename Stamps>
class ReadSchedule final {
 public:
  // After a failed read, files that stay the same are read again at every such look: a descriptor
  // may be free by then, or a certificate valid.
  static constexpr int kLooksBetweenTries = 5;

  // Whether to read files that have these stamps: if they have changed since the last read and are
  // the same as at the last look, so that a program that replaces several has time to finish. Files
  // that never rest are read at every kLooksBetweenTries-th look: a file that changes each second
  // must not keep a caller in force that it no longer names.
  bool IsDue(const Stamps& now) {
    const bool at_rest = now == seen_;
    seen_ = now;
    restless_looks_ = at_rest ? 0 : restless_looks_ + 1;
    if (!at_rest && restless_looks_ < kLooksBetweenTries) return false;
    restless_looks_ = 0;
    if (now != read_) return true;
    return !error_.empty() && ++looks_ >= kLooksBetweenTries;
  }

  // Call it after each read, with the stamps from before it and the error, empty if there is none.
  // Returns whether this is news: the files are others, or the result is.
  bool WasRead(const Stamps& stamps, std::string error) {
    const bool is_news = stamps != read_ || error != error_;
    read_ = seen_ = stamps;
    error_ = std::move(error);
    looks_ = 0;
    return is_news;
  }

 private:
  Stamps read_{};
  Stamps seen_{};
  std::string error_;
  int looks_ = 0;           // since the last read
  int restless_looks_ = 0;  // in a row, of files that changed before each
};

}  // namespace mlp

#endif  // MLP_SERVER_FILE_STAMP_H_
