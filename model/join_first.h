// Shortens lists in messages.

#ifndef MLP_MODEL_JOIN_FIRST_H_
#define MLP_MODEL_JOIN_FIRST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace mlp {

// "a; b; and 3 more": the first `most` parts and the number of the others.
inline std::string JoinFirst(std::vector<std::string> parts, std::size_t most,
                             absl::string_view separator = "; ") {
  if (parts.size() <= most) return absl::StrJoin(parts, separator);
  const std::size_t more = parts.size() - most;
  parts.resize(most);
  return absl::StrCat(absl::StrJoin(parts, separator), separator, "and ", more, " more");
}

}  // namespace mlp

#endif  // MLP_MODEL_JOIN_FIRST_H_
