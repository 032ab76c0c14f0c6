// Reads a file that a test cannot do without.

#ifndef MLP_TESTS_REQUIRED_FILE_H_
#define MLP_TESTS_REQUIRED_FILE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/bytes_of_file.h"

namespace mlp {

// The bytes of `file`. The test fails if there is no such file.
inline std::string BytesOfRequiredFile(const std::filesystem::path& file) {
  EXPECT_TRUE(std::filesystem::exists(file)) << file;
  return BytesOfFile(file);
}

}  // namespace mlp

#endif  // MLP_TESTS_REQUIRED_FILE_H_
