#include "client/memory_text.h"

#include "absl/strings/str_cat.h"
#include "client/text.h"

namespace mlp {

std::string MemoryText(std::int64_t weight_bytes, std::int64_t workspace_bytes,
                       absl::string_view instruction_set) {
  return absl::StrCat(FormatCount(weight_bytes), " bytes of weights, and ",
                      FormatCount(workspace_bytes), " of workspace per thread, on ",
                      instruction_set);
}

}  // namespace mlp
