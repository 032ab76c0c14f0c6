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
    CPU_ZERO(&old_cpus_);
    if (sched_getaffinity(0, sizeof(old_cpus_), &old_cpus_) != 0) return;
    cpu_set_t first_cpu;
    CPU_ZERO(&first_cpu);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&first_cpu) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &old_cpus_)) CPU_SET(cpu, &first_cpu);
    }
    set_ = sched_setaffinity(0, sizeof(first_cpu), &first_cpu) == 0;
  }
  ~OneCpu() {
    if (set_) sched_setaffinity(0, sizeof(old_cpus_), &old_cpus_);
  }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

  // False if the system does not let a thread restrict itself.
  bool set() const { return set_; }

 private:
  cpu_set_t old_cpus_;
  bool set_ = false;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_ONE_CPU_H_
