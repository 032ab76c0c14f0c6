// How many files and connections the process may have open.

#ifndef MLP_SERVER_DESCRIPTOR_LIMIT_H_
#define MLP_SERVER_DESCRIPTOR_LIMIT_H_

#include <cstdint>

namespace mlp {

// Raises the limit to what the system allows the process, and gives it: shells and container
// engines often begin with 1,024, which is fewer than the connections of one busy balancer.
std::int64_t RaiseDescriptorLimit();

}  // namespace mlp

#endif  // MLP_SERVER_DESCRIPTOR_LIMIT_H_
