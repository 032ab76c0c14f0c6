// How many file descriptors the process may have open.

#ifndef MLP_SERVER_DESCRIPTOR_LIMIT_H_
#define MLP_SERVER_DESCRIPTOR_LIMIT_H_

#include <cstdint>

namespace mlp {

// Raises the limit as far as the system allows, and returns it; 0 if it cannot be read. Shells and
// container engines often start with 1,024, fewer than the connections of one busy load balancer.
std::int64_t RaiseDescriptorLimit();

}  // namespace mlp

#endif  // MLP_SERVER_DESCRIPTOR_LIMIT_H_
