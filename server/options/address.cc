#include "server/options/address.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/decimal.h"
#include "server/sockets/unix_socket.h"

namespace mlp {
std::string CheckAddress(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const absl::string_view text = address;
  const absl::string_view host = text.substr(0, colon == std::string::npos ? 0 : colon);
  const absl::string_view port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  int number = -1;
  if (host.empty() || (absl::StrContains(host, ':') && !bracketed) || !IsDecimal(port) ||
      !absl::SimpleAtoi(port, &number) || number > 65535) {
    return absl::StrCat("'", address,
                        "' is not an address; expected host:port, for example 0.0.0.0:8001");
  }
  return "";
}

std::string CheckGrpcAddress(const std::string& address) {
  if (!IsUnixAddress(address)) return CheckAddress(address);
  // Others would take a path without a slash in front for one of their own folder.
  if (absl::StartsWith(PathOfUnixAddress(address), "/")) return "";
  return absl::StrCat("'", address,
                      "' is not an address; expected unix: and a path that begins with /");
}

bool IsLocalAddress(const std::string& address) {
  if (IsUnixAddress(address) || absl::StartsWith(address, "[::1]:")) return true;
  const std::string host = address.substr(0, address.rfind(':'));
  // A name may begin with these digits, too.
  return host == "localhost" || (absl::StartsWith(host, "127.") &&
                                 host.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace mlp
