// What a user may give as the address of a server.

#ifndef MLP_CLIENT_SERVER_ADDRESS_H_
#define MLP_CLIENT_SERVER_ADDRESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mlp {

// OK for host:port, [IPv6]:port and the schemes that gRPC resolves (unix:, unix-abstract:, dns:,
// ipv4:, ipv6:), else INVALID_ARGUMENT. It is stricter than gRPC, which would take port 443 where
// there is none and look up "http" as a host. Thread-safe.
absl::Status CheckServerAddress(absl::string_view address);

// Whether a valid `address` names this machine's own loopback: an IPv4 address of 127.0.0.0/8, ::1,
// or "localhost", with or without ipv4: or ipv6:. Thread-safe.
bool IsLoopback(absl::string_view address);

// Whether what is sent to a valid `address` stays on this machine: a loopback or a socket in the
// file system. Thread-safe.
bool StaysOnThisMachine(absl::string_view address);

}  // namespace mlp

#endif  // MLP_CLIENT_SERVER_ADDRESS_H_
