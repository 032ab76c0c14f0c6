// Unix domain sockets, which only this machine can reach: unix:/run/mlp/admin.sock.

#ifndef MLP_SERVER_SOCKETS_UNIX_SOCKET_H_
#define MLP_SERVER_SOCKETS_UNIX_SOCKET_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// Whether `address` begins with "unix:".
bool IsUnixAddress(const std::string& address);

// The path after "unix:".
std::string PathOfUnixAddress(const std::string& address);

// Listens at `path`. Only those can connect whom `mode` lets write. Replaces a socket left behind
// by a process that has ended. UNAVAILABLE if another process listens there, if something else is
// there, or if the path is too long.
absl::StatusOr<OwnedDescriptor> ListenOnUnixSocket(const std::string& path, int mode);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_UNIX_SOCKET_H_
