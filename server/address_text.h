// Names an address for the log.

#ifndef MLP_SERVER_ADDRESS_TEXT_H_
#define MLP_SERVER_ADDRESS_TEXT_H_

#include <string>

namespace mlp {

// `address`, as host:port. Says whether it means all interfaces of this machine, as in a container,
// and which addresses a name has. `bound`: the addresses that are listened on.
std::string AddressText(const std::string& address, const std::string& bound);

}  // namespace mlp

#endif  // MLP_SERVER_ADDRESS_TEXT_H_
