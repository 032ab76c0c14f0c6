#include "client/server_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace mlp {
namespace {

constexpr absl::string_view kSchemes[] = {"unix:", "unix-abstract:", "dns:", "ipv4:", "ipv6:"};

bool IsPort(absl::string_view text) {
  int port = 0;
  if (text.empty() || text.find_first_not_of("0123456789") != absl::string_view::npos) return false;
  return absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

bool IsHost(absl::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return text.find_first_not_of("0123456789abcdefABCDEF:.%", 1) == text.size() - 1;
  }
  return !text.empty() && text.find_first_of(":/[] \t") == absl::string_view::npos;
}

}  // namespace

absl::Status CheckServerAddress(absl::string_view address) {
  for (const absl::string_view scheme : kSchemes) {
    if (absl::StartsWith(address, scheme) && address.size() > scheme.size() &&
        !IsPort(address.substr(scheme.size()))) {  // "dns:53" is a host called dns
      return absl::OkStatus();
    }
  }
  const std::size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || !IsHost(address.substr(0, colon)) ||
      !IsPort(address.substr(colon + 1))) {
    return absl::InvalidArgumentError(
        absl::StrCat("address '", address, "'; expected host:port, e.g. 127.0.0.1:8001"));
  }
  return absl::OkStatus();
}

bool IsLoopback(absl::string_view address) {
  if (!absl::ConsumePrefix(&address, "ipv4:")) absl::ConsumePrefix(&address, "ipv6:");
  // Exactly one address: ipv4: accepts several, separated by commas.
  const std::size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || !IsPort(address.substr(colon + 1))) return false;
  const std::string host(address.substr(0, colon));
  if (host == "localhost" || host == "[::1]") return true;
  // Parse the host: 127.0.0.1.example.com is a name that anyone may own.
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1 && (ntohl(parsed.s_addr) >> 24) == 127;
}

bool StaysOnThisMachine(absl::string_view address) {
  return IsLoopback(address) ||
         ((absl::StartsWith(address, "unix:") || absl::StartsWith(address, "unix-abstract:")) &&
          !IsPort(address.substr(address.find(':') + 1)));  // a host called unix
}

}  // namespace mlp
