// Prints docs/measurements/broken_files.md: what the readers say about every broken model of the
// fixtures.
//
// usage: broken_files_table > docs/measurements/broken_files.md
//
// Exits with 1 if one of them can be read, and names it on standard error.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/formats/model_file.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

// Sorted. A model is a file or the folder of a native model.
std::vector<fs::path> ModelsIn(const fs::path& folder) {
  std::vector<fs::path> models;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() || entry.path().extension() == ".onnx") models.push_back(entry.path());
  }
  std::sort(models.begin(), models.end());
  return models;
}

// Returns whether all were refused.
bool PrintTable(const fs::path& folder) {
  bool all_refused = true;
  std::cout << "\n| file | code | message |\n|---|---|---|\n";
  for (const fs::path& model : ModelsIn(folder)) {
    const auto read = ReadModelFile(model);
    if (read.ok()) {
      std::cerr << model << " was read; expected an error\n";
      all_refused = false;
      continue;
    }
    const std::string message =
        absl::StrReplaceAll(read.status().message(), {{"|", "\\|"}, {"<", "&lt;"}});
    std::cout << "| `" << model.filename().string() << "` | "
              << absl::StatusCodeToString(read.status().code()) << " | " << message << " |\n";
  }
  return all_refused;
}

bool PrintDocument() {
  const fs::path fixtures = fs::path(MLP_SOURCE_DIR) / "tests/fixtures";
  std::cout << R"(# What the readers say of broken files

Made by `build/release/bin/broken_files_table`; not to be edited. Each file has one defect, the one
that it is named for; `mlp-client validate FILE` prints the same message. Tests hold the readers to
these messages, and to a small use of memory for each file.

## ONNX: tests/fixtures/onnx/bad
)";
  const bool onnx = PrintTable(fixtures / "onnx/bad");
  std::cout << "\n## Native: tests/fixtures/native/bad\n";
  const bool native = PrintTable(fixtures / "native/bad");
  return onnx && native && std::cout.flush().good();
}

}  // namespace
}  // namespace mlp

int main() {
  try {
    return mlp::PrintDocument() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
