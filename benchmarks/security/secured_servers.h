// Servers of the same models that protect their connections in different ways, and their clients'
// credentials.

#ifndef MLP_BENCHMARKS_SECURITY_SECURED_SERVERS_H_
#define MLP_BENCHMARKS_SECURITY_SECURED_SERVERS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/service/server_under_test.h"
#include "client/credentials.h"
#include "tests/server/tls/certificate_maker.h"
#include "tests/temporary_folder.h"

namespace mlp {

enum class Protection { kPlaintext, kTls, kTlsOfRsa, kMutualTls, kMutualTlsAndToken };

struct SecuredServer {
  Protection protection;
  const char* name;
  ClientCredentials credentials;  // of a client that it admits
  std::unique_ptr<ServerUnderTest> server;
};

// The certificates of one run, in a folder that is removed at its end.
class SecuredServers final {
 public:
  SecuredServers(std::string program, std::string repository);

  // Starts a server. Returns the error of ServerUnderTest if that fails.
  absl::StatusOr<SecuredServer> Start(Protection protection) const;

  // The certificate of mutual TLS clients.
  const MadeCertificate& client() const { return client_; }

 private:
  std::string Write(const std::string& name, const std::string& text) const;

  const std::string program_;
  const std::string repository_;
  const TemporaryFolder folder_;
  const MadeCertificate root_ =
      MadeCertificate::SelfSigned({.common_name = "root", .is_authority = true});
  const MadeCertificate client_ =
      root_.Issue({.common_name = "client", .extended_key_usage = "clientAuth"});
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SECURITY_SECURED_SERVERS_H_
