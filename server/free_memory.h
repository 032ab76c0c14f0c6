// Returns freed memory to the system.

#ifndef MLP_SERVER_FREE_MEMORY_H_
#define MLP_SERVER_FREE_MEMORY_H_

namespace mlp {

// Returns to the system the free heap memory that serving small requests does not need: what large
// requests or disconnected clients have left. glibc alone keeps it for ever if a small block in use
// lies behind it. Call it now and then.
void ReturnFreeMemory();

}  // namespace mlp

#endif  // MLP_SERVER_FREE_MEMORY_H_
