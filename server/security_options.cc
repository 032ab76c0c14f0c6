#include "server/security_options.h"

#include <stdexcept>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

constexpr char kUnix[] = "unix:";

void Refuse(const std::string& why) { throw std::invalid_argument(why); }

// Takes octal digits, as chmod does.
CLI::Validator SocketMode() {
  const auto to_number = [](std::string& text) -> std::string {
    const bool is_octal = !text.empty() && text.size() <= 4 &&
                          text.find_first_not_of("01234567") == std::string::npos;
    const int mode = is_octal ? std::stoi(text, nullptr, 8) : -1;
    if (mode < 0 || mode > 0777 || (mode & 0600) != 0600) {
      return absl::StrCat("'", text,
                          "' is no mode; expected octal digits such as 0660, from 0600 to 0777");
    }
    text = absl::StrCat(mode);
    return "";
  };
  return {to_number, "", "mode"};
}

// A variable of a script that is not set must not open the server to all.
std::string CheckPathIsGiven(const std::string& path) {
  return path.empty() ? "expected the path of a file; without the option there is none" : "";
}

std::string CheckAdminAddress(const std::string& address) {
  if (std::string wrong = CheckGrpcAddress(address); !wrong.empty()) return wrong;
  if (IsLocalAddress(address)) return "";
  return absl::StrCat("'", address,
                      "' is reached from other machines; expected a loopback address such as "
                      "127.0.0.1:8003, or unix: and a path");
}

}  // namespace

void AddSecurityOptions(OptionReader& reader, CLI::App& app, SecurityOptions& options) {
  const auto add_file = [&reader](const std::string& name, std::string& value,
                                  const std::string& help) {
    reader.Add(name, value, help)->check(CheckPathIsGiven, "")->type_name("FILE")->default_str("");
  };
  add_file("tls-cert", options.tls_certificate,
           "The server's certificate and the chain behind it, in PEM: gRPC has TLS with it");
  add_file("tls-key", options.tls_key, "The private key of --tls-cert, in PEM");
  add_file("tls-client-ca", options.tls_client_authorities,
           "Authorities whose clients' certificates are taken, in PEM");
  reader
      .Add("tls-client-auth", options.client_certificates,
           "With --tls-client-ca: whether clients must show a certificate: require, or optional")
      ->transform(OneOf({{"optional", static_cast<int>(ClientCertificates::kOptional)},
                         {"require", static_cast<int>(ClientCertificates::kRequired)}}))
      ->type_name("NAME")
      ->default_str("require");
  add_file("tls-crl", options.tls_revocation_lists,
           "Revocation lists of these authorities, in PEM");
  add_file("tokens-file", options.tokens_file,
           "Who may do what, known by token or by certificate (docs/security.md)");
  app.add_flag("--allow-plaintext-tokens", options.plaintext_tokens,
               "Take tokens without TLS, on loopback and unix: addresses alone")
      ->envname(VariableOf("--allow-plaintext-tokens"));
  app.add_flag("--health-needs-observe", options.health_needs_observe,
               "Ask the callers of health checks, too, who they are")
      ->envname(VariableOf("--health-needs-observe"));
  reader
      .Add(
          "admin-address", options.admin_address,
          "host:port of loopback, or unix:/path, for load, unload and other admin calls, which are "
          "served nowhere else then")
      ->check(CheckAdminAddress, "")
      ->default_str("");
  const auto add_mode = [&reader](const std::string& name, int& mode, const std::string& help) {
    reader.Add(name, mode, help)->transform(SocketMode())->type_name("MODE")->default_str("0600");
  };
  add_mode("unix-socket-mode", options.unix_socket_mode,
           "Mode of the socket of a unix: --grpc-address, in octal digits");
  // Apart, as whoever opens that socket is an operator.
  add_mode("admin-socket-mode", options.admin_socket_mode,
           "Mode of the socket of a unix: --admin-address, in octal digits");
}

std::string CheckGrpcAddress(const std::string& address) {
  if (!absl::StartsWith(address, kUnix)) return CheckAddress(address);
  // Others would take a path without a slash in front for one of their own folder.
  if (address.substr(sizeof(kUnix) - 1, 1) == "/") return "";
  return absl::StrCat("'", address,
                      "' is no address; expected unix: and a path that begins with /");
}

bool IsLocalAddress(const std::string& address) {
  if (absl::StartsWith(address, kUnix) || absl::StartsWith(address, "[::1]:")) return true;
  const std::string host = address.substr(0, address.rfind(':'));
  // A name may begin with these digits, too.
  return host == "localhost" || (absl::StartsWith(host, "127.") &&
                                 host.find_first_not_of("0123456789.") == std::string::npos);
}

void CheckSecurity(const SecurityOptions& options, const std::string& grpc_address,
                   const std::string& rest_address) {
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
  if (options.tls_client_authorities.empty() &&
      options.client_certificates == ClientCertificates::kOptional) {
    Refuse("--tls-client-auth: expected --tls-client-ca with it");
  }
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
        "--tokens-file: tokens are taken over TLS alone; expected --tls-cert, or "
        "--allow-plaintext-tokens on a loopback or unix: address");
  }
  if (rest_address.empty() || (!asks && !has_tls)) return;
  // REST has no TLS: it must not be a way around.
  if (!asks || !options.plaintext_tokens || !IsLocalAddress(rest_address)) {
    Refuse(absl::StrCat("--rest-address: REST has no TLS, so '", rest_address,
                        "' would be a way around --tls-cert and --tokens-file; expected a loopback "
                        "address with --tokens-file and --allow-plaintext-tokens, or no REST"));
  }
}

}  // namespace mlp
