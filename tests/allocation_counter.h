// Counts what a test program allocates by operator new, or has it fail. allocation_counter.cc
// replaces operator new for the whole program: it goes into programs of its own.

#ifndef MLP_TESTS_ALLOCATION_COUNTER_H_
#define MLP_TESTS_ALLOCATION_COUNTER_H_

#include <cstdint>

namespace mlp {

// Of all threads together.
struct Allocations {
  std::int64_t count = 0;          // calls of operator new
  std::int64_t bytes = 0;          // that they asked for
  std::int64_t aligned_bytes = 0;  // of these, by those that asked for an alignment
  std::int64_t most_bytes = 0;  // the most that was held at one time, beyond what was at the start
};

// What was allocated since it was made. One at a time.
class AllocationCounter final {
 public:
  AllocationCounter();
  Allocations Read() const;

 private:
  Allocations before_;
  std::int64_t held_before_ = 0;
};

// While it lives, its thread can allocate `allocations` times; each further attempt throws
// bad_alloc. One at a time on a thread.
class FailingAllocations final {
 public:
  explicit FailingAllocations(std::int64_t allocations);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;
};

}  // namespace mlp

#endif  // MLP_TESTS_ALLOCATION_COUNTER_H_
