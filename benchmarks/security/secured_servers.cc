#include "benchmarks/security/secured_servers.h"

#include <sys/stat.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/io/sha256.h"

namespace mlp {
namespace {

constexpr char kToken[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const char* NameOf(Protection protection) {
  switch (protection) {
    case Protection::kPlaintext:
      return "plaintext";
    case Protection::kTls:
      return "TLS 1.3, ECDSA P-256";
    case Protection::kTlsOfRsa:
      return "TLS 1.3, RSA 2048";
    case Protection::kMutualTls:
      return "mutual TLS, ECDSA P-256";
    case Protection::kMutualTlsAndToken:
      return "mutual TLS and a token";
  }
  return "";
}

}  // namespace

SecuredServers::SecuredServers(std::string program, std::string repository)
    : program_(std::move(program)), repository_(std::move(repository)) {}

std::string SecuredServers::Write(const std::string& name, const std::string& text) const {
  const std::string path = (folder_.path() / name).string();
  std::ofstream(path) << text;
  chmod(path.c_str(), 0600);
  return path;
}

absl::StatusOr<SecuredServer> SecuredServers::Start(Protection protection) const {
  SecuredServer started{protection, NameOf(protection), {}, nullptr};
  // Each server has separate files, because a server takes over files that are overwritten.
  const std::string prefix = absl::StrCat(static_cast<int>(protection), ".");
  std::vector<std::string> options;
  if (protection != Protection::kPlaintext) {
    const MadeCertificate shown = root_.Issue(
        {.key = protection == Protection::kTlsOfRsa ? KeyKind::kRsa2048 : KeyKind::kEcdsa});
    options = {"--tls-cert", Write(prefix + "server.pem", shown.pem()), "--tls-key",
               Write(prefix + "server.key", shown.key_pem())};
    started.credentials.tls = ClientTls{.authorities = root_.pem()};
  }
  if (protection == Protection::kMutualTls || protection == Protection::kMutualTlsAndToken) {
    options.insert(options.end(), {"--tls-client-ca", Write(prefix + "clients.pem", root_.pem())});
    started.credentials.tls->certificate = client_.pem();
    started.credentials.tls->key = client_.key_pem();
  }
  if (protection == Protection::kMutualTlsAndToken) {
    options.insert(
        options.end(),
        {"--tokens-file",
         Write(prefix + "tokens",
               absl::StrCat("name=bench role=infer models=* sha256=", Sha256(kToken), "\n"))});
    started.credentials.token = kToken;
  }
  absl::StatusOr<std::unique_ptr<ServerUnderTest>> server =
      ServerUnderTest::Start(program_, repository_, options, started.credentials);
  if (!server.ok()) return server.status();
  started.server = *std::move(server);
  return started;
}

}  // namespace mlp
