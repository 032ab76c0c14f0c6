// Reads a whole file.

#ifndef MLP_TESTS_BYTES_OF_FILE_H_
#define MLP_TESTS_BYTES_OF_FILE_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace mlp {

// Also reads files that have no size of their own, like those of /proc. Empty if the file cannot be
// opened.
inline std::string BytesOfFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace mlp

#endif  // MLP_TESTS_BYTES_OF_FILE_H_
