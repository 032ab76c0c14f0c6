// Arrays that are aligned to cache lines and, if large, placed in huge pages. Huge pages speed up
// reading weights from main memory 1.3 to 1.7 times (docs/measurements/performance.md): with 4 KiB
// pages, the CPU walks the page table every 64 lines and stops prefetching at each page's end.

#ifndef MLP_MODEL_EVALUATOR_ALIGNED_MEMORY_H_
#define MLP_MODEL_EVALUATOR_ALIGNED_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace mlp {

struct FreeAlignedMemory {
  std::size_t alignment = 0;
  std::size_t bytes = 0;  // size of the memory
  void operator()(void* memory) const;
};

template <typename Value>
using AlignedArray = std::unique_ptr<Value[], FreeAlignedMemory>;

// The size of an array's memory; 0 for a null array.
template <typename Value>
std::int64_t BytesOf(const AlignedArray<Value>& array) {
  return array == nullptr ? 0 : static_cast<std::int64_t>(array.get_deleter().bytes);
}

// Allocates `bytes` bytes of zeros.
std::unique_ptr<void, FreeAlignedMemory> MakeAlignedMemory(std::size_t bytes);

// Allocates `count` >= 0 zeros of an arithmetic type.
template <typename Value>
AlignedArray<Value> MakeAligned(std::int64_t count) {
  static_assert(std::is_arithmetic_v<Value>);
  auto memory = MakeAlignedMemory(static_cast<std::size_t>(count) * sizeof(Value));
  const FreeAlignedMemory free = memory.get_deleter();
  return {static_cast<Value*>(memory.release()), free};
}

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_ALIGNED_MEMORY_H_
