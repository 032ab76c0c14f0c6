// Files with certificates, keys and tokens in a folder of this test's.

#ifndef MLP_TESTS_CLIENT_CREDENTIAL_FILES_H_
#define MLP_TESTS_CLIENT_CREDENTIAL_FILES_H_

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

namespace mlp {

// Removed at the end of its scope.
class CredentialFiles final {
 public:
  // The path of a new file with these bytes and rights.
  std::string Write(const std::string& name, const std::string& content,
                    mode_t mode = S_IRUSR | S_IWUSR) const {
    const std::string path = Path(name);
    std::ofstream(path, std::ios::binary) << content;
    chmod(path.c_str(), mode);
    return path;
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_CREDENTIAL_FILES_H_
