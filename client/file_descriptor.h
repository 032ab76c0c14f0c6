// A file descriptor with an owner. Internal to mlp-client.

#ifndef MLP_CLIENT_FILE_DESCRIPTOR_H_
#define MLP_CLIENT_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace mlp {

// Closes its descriptor at the end of its scope; -1 for none.
class FileDescriptor final {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (number_ >= 0) close(number_);
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_FILE_DESCRIPTOR_H_
