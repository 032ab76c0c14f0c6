// A connection to a server without gRPC. Internal to mlp-client.

#ifndef MLP_CLIENT_TCP_SOCKET_H_
#define MLP_CLIENT_TCP_SOCKET_H_

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace mlp {

// Closed at the end of its scope. Belongs to one thread.
class TcpSocket final {
 public:
  // Connects to an address as CheckServerAddress takes it; not connected where nobody answers
  // within `patience`, which bounds each later read and write too.
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

// The host of an address, without a scheme, a port and brackets; "localhost" of unix: ones.
std::string HostOf(absl::string_view address);

}  // namespace mlp

#endif  // MLP_CLIENT_TCP_SOCKET_H_
