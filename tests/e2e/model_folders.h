// Repositories for tests: sample models with the test's own configuration.

#ifndef MLP_TESTS_E2E_MODEL_FOLDERS_H_
#define MLP_TESTS_E2E_MODEL_FOLDERS_H_

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/e2e/server_process.h"

namespace mlp {

// Copies the sample model `sample` to <root>/<name>, with `configuration`, if it is not empty, as
// its config.pbtxt.
inline void AddSampleModel(const std::filesystem::path& root, const std::string& sample,
                           const std::string& name, const std::string& configuration = "") {
  std::filesystem::copy(SampleModels() / sample, root / name,
                        std::filesystem::copy_options::recursive);
  if (!configuration.empty()) std::ofstream(root / name / "config.pbtxt") << configuration;
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_MODEL_FOLDERS_H_
