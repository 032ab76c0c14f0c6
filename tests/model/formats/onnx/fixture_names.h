// The names of the files in a folder of fixtures, for tests with a case for each.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_FIXTURE_NAMES_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_FIXTURE_NAMES_H_

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace mlp {

// The sorted names with this extension. Empty if the folder cannot be read: tests that take names
// from here must reject that.
inline std::vector<std::string> NamesIn(const std::filesystem::path& folder,
                                        const std::string& extension = "") {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == extension) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_FIXTURE_NAMES_H_
