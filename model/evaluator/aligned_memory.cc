#include "model/evaluator/aligned_memory.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace mlp {
namespace {

constexpr std::size_t kCacheLineBytes = 64;
constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

}  // namespace

void FreeAlignedMemory::operator()(void* memory) const {
  ::operator delete (memory, std::align_val_t{alignment});
}

std::unique_ptr<void, FreeAlignedMemory> MakeAlignedMemory(std::size_t bytes) {
  const std::size_t alignment = bytes < kHugePageBytes ? kCacheLineBytes : kHugePageBytes;
  void* memory = ::operator new (bytes, std::align_val_t{alignment});
  if (alignment == kHugePageBytes) {
    // The call must precede the first write and may cover whole huge pages only. If the kernel has
    // no huge pages, the call fails and only speed is lost.
    static_cast<void>(madvise(memory, bytes / kHugePageBytes * kHugePageBytes, MADV_HUGEPAGE));
  }
  std::memset(memory, 0, bytes);
  return {memory, FreeAlignedMemory{alignment, bytes}};
}

}  // namespace mlp
