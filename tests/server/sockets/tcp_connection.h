// A TCP connection whose two ends a test holds.

#ifndef MLP_TESTS_SERVER_SOCKETS_TCP_CONNECTION_H_
#define MLP_TESTS_SERVER_SOCKETS_TCP_CONNECTION_H_

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "server/sockets/owned_descriptor.h"
#include "tests/e2e/loopback_socket.h"

namespace mlp {

// Returns the client's end and the server's, which does not block. The caller closes both.
inline std::array<int, 2> ConnectByTcp() {
  const OwnedDescriptor listening(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const raw_address = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listening.get(), raw_address, size), 0);
  EXPECT_EQ(listen(listening.get(), 1), 0);
  EXPECT_EQ(getsockname(listening.get(), raw_address, &size), 0);
  const int client = ConnectToLoopback(ntohs(address.sin_port));
  EXPECT_GE(client, 0);
  return {client, accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
}

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_SOCKETS_TCP_CONNECTION_H_
