#include "server/address_text.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mlp {

std::string AddressText(const std::string& address, const std::string& bound) {
  const bool all = absl::StartsWith(address, "0.0.0.0:") || absl::StartsWith(address, "[::]:");
  if (all) return absl::StrCat(address, " (all interfaces)");
  const std::string host = address.substr(0, address.rfind(':') + 1);
  const bool is_name = !absl::StartsWith(bound, host) || absl::StrContains(bound, ", ");
  return is_name ? absl::StrCat(address, " (", bound, ")") : address;
}

}  // namespace mlp
