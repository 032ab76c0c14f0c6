// Checks the server addresses that users give.

#ifndef MLP_CLIENT_SERVER_ADDRESS_H_
#define MLP_CLIENT_SERVER_ADDRESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mlp {

// OK for host:port, [IPv6]:port and the schemes that gRPC resolves (unix:, unix-abstract:, dns:,
// ipv4:, ipv6:), otherwise INVALID_ARGUMENT. Stricter than gRPC, which would default to port 443
// and look up "http" as a host. Thread-safe.
absl::Status CheckServerAddress(absl::string_view address);

// Whether a valid `address` is this machine's loopback: an IPv4 address in 127.0.0.0/8, ::1, or
// "localhost", with or without ipv4: or ipv6:. Thread-safe.
bool IsLoopback(absl::string_view address);

// Whether data sent to a valid `address` stays on this machine: it is a loopback or a Unix socket.
// Thread-safe.
bool StaysOnThisMachine(absl::string_view address);

}  // namespace mlp

#endif  // MLP_CLIENT_SERVER_ADDRESS_H_
