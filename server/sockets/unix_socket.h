// Listening sockets of this machine alone, with a file's name: unix:/run/mlp/admin.sock.

#ifndef MLP_SERVER_SOCKETS_UNIX_SOCKET_H_
#define MLP_SERVER_SOCKETS_UNIX_SOCKET_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// Whether `address` begins with "unix:".
bool IsUnixAddress(const std::string& address);

// What follows that.
std::string PathOfUnixAddress(const std::string& address);

// Listens at `path`, where only those connect that `mode` lets write. What a process left there
// that is no more is replaced. UNAVAILABLE where another one listens there, where there is
// something else, or where the name is too long.
absl::StatusOr<OwnedDescriptor> ListenOnUnixSocket(const std::string& path, int mode);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_UNIX_SOCKET_H_
