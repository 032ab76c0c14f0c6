#include "server/free_memory.h"

#include <malloc.h>

#include <cstddef>

namespace mlp {

void ReturnFreeMemory() {
  // Ordinary requests keep allocating and freeing this much, so it stays.
  constexpr std::size_t kKept = std::size_t{32} << 20;
  if (mallinfo2().fordblks > kKept) malloc_trim(/*pad=*/0);
}

}  // namespace mlp
