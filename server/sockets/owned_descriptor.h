// A file descriptor with an owner.

#ifndef MLP_SERVER_SOCKETS_OWNED_DESCRIPTOR_H_
#define MLP_SERVER_SOCKETS_OWNED_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace mlp {

// Closes its descriptor on destruction; -1 for none.
class OwnedDescriptor final {
 public:
  explicit OwnedDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
  ~OwnedDescriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : descriptor_(other.Release()) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept {
    if (this != &other) {
      if (descriptor_ >= 0) close(descriptor_);
      descriptor_ = other.Release();
    }
    return *this;
  }
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;

  int get() const { return descriptor_; }
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_OWNED_DESCRIPTOR_H_
