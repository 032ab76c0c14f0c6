// Plain connections to this machine's loopback.

#ifndef MLP_TESTS_E2E_LOOPBACK_SOCKET_H_
#define MLP_TESTS_E2E_LOOPBACK_SOCKET_H_

namespace mlp {

// A socket connected to `port`, from the address 127.0.0.`from`; -1 if the connection fails. The
// caller closes it.
int ConnectToLoopback(int port, int from = 1);

// Reads and discards received data. False if the other side has closed the connection.
bool DrainSocket(int socket);

// Whether the other side closes the connection within `patience_ms`. Data received before that is
// ignored.
bool IsClosedByPeer(int socket, int patience_ms);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_LOOPBACK_SOCKET_H_
