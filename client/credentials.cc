#include "client/credentials.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/private_file.h"
#include "client/server_address.h"

namespace mlp {
namespace {

bool IsTokenCharacter(char c) { return c > ' ' && c <= '~'; }

absl::Status CheckToken(absl::string_view token, absl::string_view what) {
  if (token.empty()) return absl::InvalidArgumentError(absl::StrCat(what, " is empty"));
  if (token.size() > kLongestClientToken) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " has ", token.size(), " characters; expected at most ", kLongestClientToken));
  }
  const auto wrong = std::find_if_not(token.begin(), token.end(), IsTokenCharacter);
  if (wrong == token.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " has a space, a control character or a non-ASCII one at position ",
                   wrong - token.begin() + 1, "; expected printable ASCII without spaces"));
}

absl::Status CheckTls(const ClientTls& tls) {
  if (tls.certificate.empty() != tls.key.empty()) {
    return absl::InvalidArgumentError(
        tls.key.empty() ? "a client certificate without its private key; expected both or neither"
                        : "a private key without its client certificate; expected both or neither");
  }
  const auto check = [](absl::string_view what, absl::string_view text, absl::string_view mark) {
    if (text.empty() || absl::StrContains(text, mark)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has no '", mark, "'; expected PEM text"));
  };
  constexpr absl::string_view kCertificate = "-----BEGIN CERTIFICATE-----";
  absl::Status status = check("the file of authorities", tls.authorities, kCertificate);
  if (status.ok()) status = check("the client certificate", tls.certificate, kCertificate);
  if (status.ok()) status = check("the private key", tls.key, "PRIVATE KEY-----");
  return status;
}

}  // namespace

absl::Status CheckClientCredentials(absl::string_view address,
                                    const ClientCredentials& credentials) {
  if (credentials.tls.has_value()) {
    if (absl::Status status = CheckTls(*credentials.tls); !status.ok()) return status;
  }
  if (credentials.token.empty()) return absl::OkStatus();
  if (!credentials.tls.has_value() && !StaysOnThisMachine(address)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the token would be sent to '", address,
        "' in plaintext, readable by anyone on the way; expected TLS, or a loopback or "
        "unix: address"));
  }
  return CheckToken(credentials.token, "the token");
}

absl::StatusOr<ClientTls> ReadClientTls(const ClientTlsPaths& paths) {
  ClientTls tls;
  const auto read = [](const std::string& path, FileSecrecy secrecy, std::string& text) {
    if (path.empty()) return absl::OkStatus();
    absl::StatusOr<std::string> content = ReadSmallFile(path, secrecy);
    if (!content.ok()) return content.status();
    if (content->empty()) return absl::InvalidArgumentError(absl::StrCat("'", path, "' is empty"));
    text = *std::move(content);
    return absl::OkStatus();
  };
  absl::Status status = read(paths.authorities, FileSecrecy::kPublic, tls.authorities);
  if (status.ok()) status = read(paths.certificate, FileSecrecy::kPublic, tls.certificate);
  if (status.ok()) status = read(paths.key, FileSecrecy::kSecret, tls.key);
  if (!status.ok()) return status;
  return tls;
}

absl::StatusOr<std::string> ReadClientToken(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadSmallFile(path, FileSecrecy::kSecret);
  if (!content.ok()) return content.status();
  std::string token = content->substr(0, content->find('\n'));
  if (!token.empty() && token.back() == '\r') token.pop_back();
  absl::Status status = CheckToken(token, absl::StrCat("the token in '", path, "'"));
  if (!status.ok()) return status;
  return token;
}

}  // namespace mlp
