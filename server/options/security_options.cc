#include "server/options/security_options.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/options/address.h"
#include "server/options/option_table.h"
#include "server/sockets/unix_socket.h"

namespace mlp {
namespace {

void Refuse(const std::string& why) { throw std::invalid_argument(why); }

// Takes octal digits, as chmod does.
OptionValue SocketModeValue(std::optional<int>& mode) {
  const auto set = [&mode](const std::string& text) -> std::string {
    const bool is_octal = !text.empty() && text.size() <= 4 &&
                          text.find_first_not_of("01234567") == std::string::npos;
    const int given = is_octal ? std::stoi(text, nullptr, 8) : -1;
    if (given < 0 || given > 0777 || (given & 0600) != 0600) {
      return absl::StrCat("'", text,
                          "' is not a mode; expected octal digits such as 0660, from 0600 to 0777");
    }
    mode = given;
    return "";
  };
  return {OptionType::kText, set, absl::StrFormat("%04o", mode.value_or(kSocketMode)), "MODE"};
}

OptionValue ClientCertificatesValue(std::optional<ClientCertificates>& certificates) {
  const bool are_optional = certificates == ClientCertificates::kOptional;
  return IndexedName(
      {"optional", "require"}, are_optional ? 0 : 1, [&certificates](std::size_t index) {
        certificates = index == 0 ? ClientCertificates::kOptional : ClientCertificates::kRequired;
      });
}

// A variable of a script that is not set must not open the server to all.
std::string CheckPathIsGiven(const std::string& path) {
  return path.empty() ? "expected the path of a file; without the option there is none" : "";
}

OptionValue FileValue(std::string& path) { return TextValue(path, "FILE", CheckPathIsGiven); }

std::string CheckAdminAddress(const std::string& address) {
  const bool is_address = CheckGrpcAddress(address).empty();
  if (is_address && IsLocalAddress(address)) return "";
  return absl::StrCat("'", address, "' is ",
                      is_address ? "reached from other machines" : "not an address",
                      "; expected a loopback address such as 127.0.0.1:8003, or unix: and a path "
                      "that begins with /");
}

void CheckHttpTls(const SecurityOptions& options) {
  const bool has_own = !options.http_tls_certificate.empty();
  if (has_own != !options.http_tls_key.empty()) {
    Refuse(has_own ? "--http-tls-cert: expected --http-tls-key with it"
                   : "--http-tls-key: expected --http-tls-cert with it");
  }
  if (has_own && !options.http_tls) Refuse("--http-tls-cert: expected --http-tls with it");
  if (options.http_tls && !has_own && options.tls_certificate.empty()) {
    Refuse("--http-tls: expected --tls-cert and --tls-key, or --http-tls-cert and --http-tls-key");
  }
}

void CheckHttpCallers(const SecurityOptions& options, const std::string& address) {
  if (!options.http_needs_observe) return;
  if (options.tokens_file.empty()) {
    Refuse("--http-needs-observe: expected --tokens-file with it");
  }
  if (options.http_tls || (options.plaintext_tokens && IsLocalAddress(address))) return;
  Refuse(absl::StrCat("--http-needs-observe: tokens would come to '", address,
                      "' of --http-address in plaintext; expected --http-tls, or a loopback "
                      "address with --allow-plaintext-tokens"));
}

// A mode without its socket restricts nothing, although its author believes that it does.
void CheckSocketModes(const SecurityOptions& options, const std::string& grpc_address) {
  if (options.unix_socket_mode.has_value() && !IsUnixAddress(grpc_address)) {
    Refuse("--unix-socket-mode: expected --grpc-address unix: and a path with it");
  }
  if (options.admin_socket_mode.has_value() && !IsUnixAddress(options.admin_address)) {
    Refuse("--admin-socket-mode: expected --admin-address unix: and a path with it");
  }
}

// REST must not be a way around what gRPC asks of its clients.
void CheckRest(const SecurityOptions& options, const std::string& address) {
  const bool asks = !options.tokens_file.empty();
  if (options.http_tls) {
    if (asks || options.tls_client_authorities.empty()) return;
    Refuse(absl::StrCat("--rest-address: REST asks for no certificates, so '", address,
                        "' would be a way around --tls-client-ca; expected --tokens-file, or no "
                        "REST"));
  }
  if (!asks && options.tls_certificate.empty()) return;
  if (!asks || !options.plaintext_tokens || !IsLocalAddress(address)) {
    Refuse(absl::StrCat("--rest-address: REST has no TLS without --http-tls, so '", address,
                        "' would be a way around --tls-cert and --tokens-file; expected "
                        "--http-tls, a loopback address with --tokens-file and "
                        "--allow-plaintext-tokens, or no REST"));
  }
}

}  // namespace

std::vector<Option> SecurityRows(SecurityOptions& options) {
  return {
      {"tls-cert", FileValue(options.tls_certificate),
       "The server's certificate and the chain behind it, in PEM: gRPC has TLS with it"},
      {"tls-key", FileValue(options.tls_key), "The private key of --tls-cert, in PEM"},
      {"tls-client-ca", FileValue(options.tls_client_authorities),
       "Authorities whose client certificates are accepted, in PEM"},
      {"tls-client-auth", ClientCertificatesValue(options.client_certificates),
       "With --tls-client-ca: whether clients must show a certificate: require, or optional"},
      {"tls-crl", FileValue(options.tls_revocation_lists),
       "Revocation lists of these authorities, in PEM"},
      {"http-tls", FlagValue(options.http_tls), "The HTTP port and REST speak TLS, too"},
      {"http-tls-cert", FileValue(options.http_tls_certificate),
       "With --http-tls: another certificate and chain than gRPC's, in PEM"},
      {"http-tls-key", FileValue(options.http_tls_key),
       "The private key of --http-tls-cert, in PEM"},
      {"tokens-file", FileValue(options.tokens_file),
       "Who may do what, known by token or by certificate (docs/use/security.md)"},
      {"allow-plaintext-tokens", FlagValue(options.plaintext_tokens),
       "Accept tokens without TLS, only on loopback and unix: addresses"},
      {"health-needs-observe", FlagValue(options.health_needs_observe),
       "Health checks, too, need a caller with the role observe"},
      {"http-needs-observe", FlagValue(options.http_needs_observe),
       "Show metrics and pages over HTTP only to callers with the role observe"},
      {"admin-address", TextValue(options.admin_address, "TEXT", CheckAdminAddress),
       "host:port of loopback, or unix:/path, for load, unload and other admin calls, which are "
       "served nowhere else then"},
      {"unix-socket-mode", SocketModeValue(options.unix_socket_mode),
       "Mode of the socket of a unix: --grpc-address, in octal digits"},
      // Apart, because a program that can open that socket is an operator.
      {"admin-socket-mode", SocketModeValue(options.admin_socket_mode),
       "Mode of the socket of a unix: --admin-address, in octal digits"},
  };
}

void CheckSecurity(const SecurityOptions& options, const std::string& grpc_address,
                   const std::string& http_address, const std::string& rest_address) {
  const bool has_tls = !options.tls_certificate.empty();
  if (has_tls != !options.tls_key.empty()) {
    Refuse(has_tls ? "--tls-cert: expected --tls-key with it"
                   : "--tls-key: expected --tls-cert with it");
  }
  if (!has_tls && !options.tls_client_authorities.empty()) {
    Refuse("--tls-client-ca: expected --tls-cert and --tls-key with it");
  }
  if (options.tls_client_authorities.empty() && !options.tls_revocation_lists.empty()) {
    Refuse("--tls-crl: expected --tls-client-ca with it");
  }
  // `require`, too: the server would let everybody in.
  if (options.tls_client_authorities.empty() && options.client_certificates.has_value()) {
    Refuse("--tls-client-auth: expected --tls-client-ca with it");
  }
  CheckSocketModes(options, grpc_address);
  const bool asks = !options.tokens_file.empty();
  if (options.plaintext_tokens && !asks) {
    Refuse("--allow-plaintext-tokens: expected --tokens-file with it");
  }
  if (options.health_needs_observe && !asks) {
    Refuse("--health-needs-observe: expected --tokens-file with it");
  }
  if (options.plaintext_tokens && !has_tls && !IsLocalAddress(grpc_address)) {
    Refuse(absl::StrCat("--allow-plaintext-tokens: '", grpc_address,
                        "' of --grpc-address is reached from other machines, where others read the "
                        "tokens; expected --tls-cert, or a loopback or unix: address"));
  }
  if (asks && !has_tls && !options.plaintext_tokens) {
    Refuse(
        "--tokens-file: tokens are accepted only over TLS; expected --tls-cert, or "
        "--allow-plaintext-tokens on a loopback or unix: address");
  }
  CheckHttpTls(options);
  CheckHttpCallers(options, http_address);
  if (!rest_address.empty()) CheckRest(options, rest_address);
}

}  // namespace mlp
