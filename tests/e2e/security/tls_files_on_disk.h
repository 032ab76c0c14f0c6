// The certificates of one test, in files for a server and its clients.

#ifndef MLP_TESTS_E2E_SECURITY_TLS_FILES_ON_DISK_H_
#define MLP_TESTS_E2E_SECURITY_TLS_FILES_ON_DISK_H_

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/server/tls/certificate_maker.h"
#include "tests/temporary_folder.h"

namespace mlp {

// Writes a new file and renames it over the old one, as careful tools do.
inline void WriteSecretFile(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path beside = path.string() + ".new";
  std::ofstream(beside) << text;
  ASSERT_EQ(chmod(beside.c_str(), 0600), 0);
  std::filesystem::rename(beside, path);
}

class TlsFilesOnDisk final {
 public:
  TlsFilesOnDisk() {
    Issue();
    Write("clients.pem", client_root.pem());
    Write("crl.pem", client_root.RevocationList({&revoked_client}));
  }

  // Makes the server show another certificate and key from now on.
  void Issue() {
    const MadeCertificate server = root.Issue({});
    Write("server.key", server.key_pem());
    Write("server.pem", server.pem());
  }

  void Write(const std::string& name, const std::string& text) const {
    WriteSecretFile(Path(name), text);
  }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  // The options of a server with TLS; and with them, those for clients' certificates.
  std::vector<std::string> ServerOptions() const {
    return {"--tls-cert", Path("server.pem"), "--tls-key", Path("server.key")};
  }
  std::vector<std::string> MutualOptions() const {
    std::vector<std::string> options = ServerOptions();
    options.insert(options.end(),
                   {"--tls-client-ca", Path("clients.pem"), "--tls-crl", Path("crl.pem")});
    return options;
  }

  const MadeCertificate root =
      MadeCertificate::SelfSigned({.common_name = "root", .is_authority = true});
  const MadeCertificate client_root =
      MadeCertificate::SelfSigned({.common_name = "client root", .is_authority = true});
  const MadeCertificate client = client_root.Issue({.common_name = "front",
                                                    .alternative_names = "URI:spiffe://test/front",
                                                    .extended_key_usage = "clientAuth"});
  const MadeCertificate revoked_client =
      client_root.Issue({.common_name = "gone", .extended_key_usage = "clientAuth"});

 private:
  const TemporaryFolder folder_;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_TLS_FILES_ON_DISK_H_
