// Files with certificates, keys and tokens in a folder of this test's.

#ifndef MLP_TESTS_CLIENT_CREDENTIAL_FILES_H_
#define MLP_TESTS_CLIENT_CREDENTIAL_FILES_H_

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace mlp {

// Removed at the end of its scope.
class CredentialFiles final {
 public:
  CredentialFiles() {
    std::string name = ::testing::TempDir() + "/credentials_XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~CredentialFiles() { std::filesystem::remove_all(folder_); }
  CredentialFiles(const CredentialFiles&) = delete;
  CredentialFiles& operator=(const CredentialFiles&) = delete;

  // The path of a new file with these bytes and rights.
  std::string Write(const std::string& name, const std::string& content,
                    mode_t mode = S_IRUSR | S_IWUSR) const {
    const std::string path = Path(name);
    std::ofstream(path, std::ios::binary) << content;
    chmod(path.c_str(), mode);
    return path;
  }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_CREDENTIAL_FILES_H_
