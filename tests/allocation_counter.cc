#include "tests/allocation_counter.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace mlp {
namespace {

std::atomic<std::int64_t> count_of_all = 0;
std::atomic<std::int64_t> bytes_of_all = 0;
std::atomic<std::int64_t> aligned_bytes_of_all = 0;
std::atomic<std::int64_t> held_bytes = 0;
std::atomic<std::int64_t> most_held_bytes = 0;

constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();
thread_local std::int64_t allocations_left = kAnyNumber;

// NOLINTBEGIN(cppcoreguidelines-no-malloc): this is what stands behind operator new.
void* Allocate(std::size_t size, std::size_t alignment) {
  if (allocations_left == 0) throw std::bad_alloc();
  if (allocations_left != kAnyNumber) --allocations_left;
  void* memory = nullptr;
  if (alignment == 0) {
    memory = std::malloc(size);
  } else if (posix_memalign(&memory, alignment, size) != 0) {
    memory = nullptr;
  }
  if (memory == nullptr) throw std::bad_alloc();
  count_of_all += 1;
  bytes_of_all += static_cast<std::int64_t>(size);
  if (alignment != 0) aligned_bytes_of_all += static_cast<std::int64_t>(size);
  const auto usable = static_cast<std::int64_t>(malloc_usable_size(memory));
  const std::int64_t held = held_bytes += usable;
  std::int64_t most = most_held_bytes;
  while (held > most && !most_held_bytes.compare_exchange_weak(most, held)) {
  }
  return memory;
}

void Free(void* memory) {
  if (memory == nullptr) return;
  held_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

}  // namespace

AllocationCounter::AllocationCounter()
    : before_{count_of_all, bytes_of_all, aligned_bytes_of_all, 0}, held_before_(held_bytes) {
  most_held_bytes = held_bytes.load();
}

Allocations AllocationCounter::Read() const {
  return {count_of_all - before_.count, bytes_of_all - before_.bytes,
          aligned_bytes_of_all - before_.aligned_bytes, most_held_bytes - held_before_};
}

FailingAllocations::FailingAllocations(std::int64_t allocations) { allocations_left = allocations; }

FailingAllocations::~FailingAllocations() { allocations_left = kAnyNumber; }

}  // namespace mlp

// Replaces every form: with only some replaced, a sanitizer would still supply the others.
void* operator new(std::size_t size) { return mlp::Allocate(size, 0); }
void* operator new[](std::size_t size) { return mlp::Allocate(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return mlp::Allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return mlp::Allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { mlp::Free(memory); }
void operator delete[](void* memory) noexcept { mlp::Free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { mlp::Free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { mlp::Free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { mlp::Free(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { mlp::Free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  mlp::Free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/,
                       std::align_val_t /*alignment*/) noexcept {
  mlp::Free(memory);
}
