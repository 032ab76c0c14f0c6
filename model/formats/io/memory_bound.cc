#include "model/formats/io/memory_bound.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace mlp {

absl::Status CheckMemory(std::int64_t needed, std::int64_t most) {
  if (needed <= most) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("loading it takes ", needed,
                                                   " bytes of memory; ",
                                                   std::max<std::int64_t>(most, 0), " are left"));
}

}  // namespace mlp
