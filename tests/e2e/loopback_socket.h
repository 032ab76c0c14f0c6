// Plain connections to this machine's loopback.

#ifndef MLP_TESTS_E2E_LOOPBACK_SOCKET_H_
#define MLP_TESTS_E2E_LOOPBACK_SOCKET_H_

namespace mlp {

// A socket connected to `port`, for the caller to close; -1 where there is none to be had.
int ConnectToLoopback(int port);

// Reads, and forgets, what has come; false where the other side has closed the connection.
bool DrainSocket(int socket);

// Whether the other side closes the connection within `patience_ms`; what comes before is no end.
bool IsClosedByPeer(int socket, int patience_ms);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_LOOPBACK_SOCKET_H_
