#include "server/free_memory.h"

#include <malloc.h>

#include <cstddef>

namespace mlp {

void ReturnFreeMemory() {
  // What is taken back and forth under a load of ordinary requests stays.
  constexpr std::size_t kKept = std::size_t{32} << 20;
  if (mallinfo2().fordblks > kKept) malloc_trim(/*pad=*/0);
}

}  // namespace mlp
