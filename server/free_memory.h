// Memory that was freed goes back to the system.

#ifndef MLP_SERVER_FREE_MEMORY_H_
#define MLP_SERVER_FREE_MEMORY_H_

namespace mlp {

// Gives back what the heap keeps beyond what a server that serves small requests needs. glibc by
// itself keeps it for ever where something small lies behind it: what large requests, or clients
// that went, have left. Call it now and then.
void ReturnFreeMemory();

}  // namespace mlp

#endif  // MLP_SERVER_FREE_MEMORY_H_
