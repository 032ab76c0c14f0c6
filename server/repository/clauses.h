// Clauses of a message that may be many.

#ifndef MLP_SERVER_REPOSITORY_CLAUSES_H_
#define MLP_SERVER_REPOSITORY_CLAUSES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace mlp {

// "a; b; and 3 more": the first `most` of them, and how many there are beside.
inline std::string JoinFirst(std::vector<std::string> clauses, std::size_t most,
                             absl::string_view separator = "; ") {
  if (clauses.size() <= most) return absl::StrJoin(clauses, separator);
  const std::size_t more = clauses.size() - most;
  clauses.resize(most);
  return absl::StrCat(absl::StrJoin(clauses, separator), separator, "and ", more, " more");
}

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_CLAUSES_H_
