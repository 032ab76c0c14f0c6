// A connection to a server, made without gRPC. Internal to mlp-client.

#ifndef MLP_CLIENT_TCP_SOCKET_H_
#define MLP_CLIENT_TCP_SOCKET_H_

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "client/file_descriptor.h"

namespace mlp {

// Closes its connection at the end of its scope. Belongs to one thread.
class TcpSocket final {
 public:
  // Connects to an address that CheckServerAddress accepts. Not connected if nobody answers within
  // `patience`, which also limits each later read and write, and for unix-abstract: addresses,
  // which are not supported.
  static TcpSocket Connect(absl::string_view address, std::chrono::milliseconds patience);

  bool connected() const { return descriptor_.is_open(); }
  int number() const { return descriptor_.number(); }

 private:
  explicit TcpSocket(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  FileDescriptor descriptor_;
};

// The host of an address, without scheme, port and brackets; "localhost" for unix: addresses.
std::string HostOf(absl::string_view address);

}  // namespace mlp

#endif  // MLP_CLIENT_TCP_SOCKET_H_
