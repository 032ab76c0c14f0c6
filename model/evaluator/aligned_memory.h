// Arrays that are aligned to cache lines, and in huge pages where they are large: a network whose
// weights come from main memory is read 1.3 to 1.7 times as fast with them (docs/performance.md),
// for a page of 4 KiB takes a walk through the page table every 64 lines, and stops the
// prefetching.

#ifndef MLP_MODEL_EVALUATOR_ALIGNED_MEMORY_H_
#define MLP_MODEL_EVALUATOR_ALIGNED_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace mlp {

struct FreeAlignedMemory {
  std::size_t alignment = 0;
  std::size_t bytes = 0;  // of the memory
  void operator()(void* memory) const;
};

template <typename Value>
using AlignedArray = std::unique_ptr<Value[], FreeAlignedMemory>;

// What an array takes; 0 for none.
template <typename Value>
std::int64_t BytesOf(const AlignedArray<Value>& array) {
  return array == nullptr ? 0 : static_cast<std::int64_t>(array.get_deleter().bytes);
}

// `bytes` zeros.
std::unique_ptr<void, FreeAlignedMemory> MakeAlignedMemory(std::size_t bytes);

// `count` >= 0 zeros of a number's type.
template <typename Value>
AlignedArray<Value> MakeAligned(std::int64_t count) {
  static_assert(std::is_arithmetic_v<Value>);
  auto memory = MakeAlignedMemory(static_cast<std::size_t>(count) * sizeof(Value));
  const FreeAlignedMemory free = memory.get_deleter();
  return {static_cast<Value*>(memory.release()), free};
}

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_ALIGNED_MEMORY_H_
