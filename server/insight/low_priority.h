// The priority of threads that look at what serving does, and must never slow it down.

#ifndef MLP_SERVER_INSIGHT_LOW_PRIORITY_H_
#define MLP_SERVER_INSIGHT_LOW_PRIORITY_H_

#include <sys/resource.h>
#include <unistd.h>

namespace mlp {

// Of the calling thread. If the system does not allow it, the thread keeps the priority it has.
inline void YieldToServing() {
  constexpr int kNicer = 10;  // as loading models is
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNicer);
}

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_LOW_PRIORITY_H_
