// A connection to a server, made without gRPC. Internal to mlp-client.

#ifndef MLP_CLIENT_TCP_SOCKET_H_
#define MLP_CLIENT_TCP_SOCKET_H_

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace mlp {

// Closes its descriptor at the end of its scope. Belongs to one thread.
class TcpSocket final {
 public:
  // Connects to an address that CheckServerAddress accepts. Not connected if nobody answers within
  // `patience`, which also limits each later read and write, and for unix-abstract: addresses,
  // which are not supported.
  static TcpSocket Connect(absl::string_view address, std::chrono::milliseconds patience);

  TcpSocket(TcpSocket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  TcpSocket& operator=(TcpSocket&&) = delete;
  ~TcpSocket();

  bool connected() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  explicit TcpSocket(int number) : number_(number) {}

  int number_;
};

// The host of an address, without scheme, port and brackets; "localhost" for unix: addresses.
std::string HostOf(absl::string_view address);

}  // namespace mlp

#endif  // MLP_CLIENT_TCP_SOCKET_H_
