// Counts what a test program allocates with operator new, or makes allocations fail.
// allocation_counter.cc replaces operator new for the whole program, so only dedicated test
// programs link it.

#ifndef MLP_TESTS_ALLOCATION_COUNTER_H_
#define MLP_TESTS_ALLOCATION_COUNTER_H_

#include <cstdint>

namespace mlp {

// Over all threads.
struct Allocations {
  std::int64_t count = 0;          // calls of operator new
  std::int64_t bytes = 0;          // bytes requested by these calls
  std::int64_t aligned_bytes = 0;  // of these, bytes requested with an alignment
  std::int64_t most_bytes = 0;     // peak of the bytes held, less the bytes held at the start
};

// Counts allocations since construction. Only one may exist at a time.
class AllocationCounter final {
 public:
  AllocationCounter();
  Allocations Read() const;

 private:
  Allocations before_;
  std::int64_t held_before_ = 0;
};

// While this object lives, its thread can allocate `allocations` times; each further attempt throws
// bad_alloc. Only one may exist at a time on a thread.
class FailingAllocations final {
 public:
  explicit FailingAllocations(std::int64_t allocations);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;
};

}  // namespace mlp

#endif  // MLP_TESTS_ALLOCATION_COUNTER_H_
