// Lower priority for threads whose work can wait: loading models, and observing what is served.

#ifndef MLP_SERVER_LOW_PRIORITY_H_
#define MLP_SERVER_LOW_PRIORITY_H_

#include <sys/resource.h>
#include <unistd.h>

namespace mlp {

// Lowers the priority of the calling thread. If the system does not allow it, the priority stays
// the same. The process may already be nice; the kernel clamps the sum to its largest niceness.
inline void YieldToServing() {
  constexpr int kNicer = 10;
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNicer);
}

}  // namespace mlp

#endif  // MLP_SERVER_LOW_PRIORITY_H_
