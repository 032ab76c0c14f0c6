// The priority of threads whose work can wait for serving: loading models, and looking at what
// serving does.

#ifndef MLP_SERVER_LOW_PRIORITY_H_
#define MLP_SERVER_LOW_PRIORITY_H_

#include <sys/resource.h>
#include <unistd.h>

namespace mlp {

// Of the calling thread. If the system does not allow it, the thread keeps the priority it has. The
// process may be nice itself; the system takes the greatest niceness that it has for any beyond.
inline void YieldToServing() {
  constexpr int kNicer = 10;
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNicer);
}

}  // namespace mlp

#endif  // MLP_SERVER_LOW_PRIORITY_H_
