#include "server/access/basic_password.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"

namespace mlp {
namespace {

constexpr absl::string_view kBasic = "Basic ";

}  // namespace

std::optional<std::string> BasicPassword(absl::string_view value) {
  if (!absl::StartsWithIgnoreCase(value, kBasic)) return std::nullopt;
  value.remove_prefix(kBasic.size());
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  std::string text;
  if (!absl::Base64Unescape(value, &text)) return std::nullopt;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return text.substr(colon + 1);
}

}  // namespace mlp
