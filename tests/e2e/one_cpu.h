// Restricts a thread, and the processes that it starts, to one CPU.

#ifndef MLP_TESTS_E2E_ONE_CPU_H_
#define MLP_TESTS_E2E_ONE_CPU_H_

#include <sched.h>

#include <cstddef>

namespace mlp {

// Restricts this thread to its first CPU while this object lives.
class OneCpu final {
 public:
  OneCpu() {
    CPU_ZERO(&before_);
    if (sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &one);
    }
    set_ = sched_setaffinity(0, sizeof(one), &one) == 0;
  }
  ~OneCpu() {
    if (set_) sched_setaffinity(0, sizeof(before_), &before_);
  }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

  // False if the system does not let a thread restrict itself.
  bool set() const { return set_; }

 private:
  cpu_set_t before_;
  bool set_ = false;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_ONE_CPU_H_
