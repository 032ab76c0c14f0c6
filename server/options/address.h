// Checks addresses to listen on.

#ifndef MLP_SERVER_OPTIONS_ADDRESS_H_
#define MLP_SERVER_OPTIONS_ADDRESS_H_

#include <string>

namespace mlp {

// Returns what is wrong with host:port, or an empty string. An IPv6 host must be in brackets;
// otherwise its last part could be taken for the port.
std::string CheckAddress(const std::string& address);

// The same for the address of gRPC: host:port, or unix: and a path.
std::string CheckGrpcAddress(const std::string& address);

// Whether only this machine reaches the address: a loopback one, localhost or unix:.
bool IsLocalAddress(const std::string& address);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_ADDRESS_H_
