#include "server/access/caller.h"

#include <algorithm>
#include <cstddef>

namespace mlp {

bool Caller::MayAskFor(absl::string_view model) const {
  return model.empty() ||
         std::any_of(models.begin(), models.end(),
                     [&](const std::string& pattern) { return MatchesPattern(pattern, model); });
}

bool Caller::MayAskForAll() const {
  return std::find(models.begin(), models.end(), "*") != models.end();
}

// When the rest does not match, the last * takes one more character. Earlier ones never have to be
// tried again.
bool MatchesPattern(absl::string_view pattern, absl::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = absl::string_view::npos;
  std::size_t after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(),
                     [](char c) { return c == '*'; });
}

}  // namespace mlp
