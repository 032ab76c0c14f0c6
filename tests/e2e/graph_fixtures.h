// The exports in fixtures/onnx/graphs, for tests that serve them: a folder each, with the model,
// its inputs and the answers of its framework.

#ifndef MLP_TESTS_E2E_GRAPH_FIXTURES_H_
#define MLP_TESTS_E2E_GRAPH_FIXTURES_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "tests/e2e/server_process.h"
#include "tests/required_file.h"

namespace mlp {

inline std::filesystem::path GraphFixture(const std::string& name) {
  return InCheckout("tests/fixtures/onnx/graphs/" + name);
}

// Copies the model of an export to <root>/<name>, as its version 1.
inline void AddGraphFixture(const std::filesystem::path& root, const std::string& name) {
  const std::filesystem::path version = root / name / "1";
  std::filesystem::create_directories(version);
  std::filesystem::copy_file(GraphFixture(name) / "model.onnx", version / "model.onnx");
}

inline std::string FixtureBytes(const std::string& name, const std::string& file) {
  return BytesOfRequiredFile(GraphFixture(name) / file);
}

// The data behind the header of a .npy file of version 1.
inline std::string FixtureArray(const std::string& name, const std::string& file) {
  const std::string bytes = FixtureBytes(name, file);
  return bytes.substr(bytes.find('\n') + 1);
}

// The texts of a .txt file, one a line.
inline std::vector<std::string> FixtureLines(const std::string& name, const std::string& file) {
  std::vector<std::string> lines = absl::StrSplit(FixtureBytes(name, file), '\n');
  lines.pop_back();
  return lines;
}

// As the protocol encodes strings in raw contents.
inline std::string RawStrings(const std::vector<std::string>& strings) {
  std::string raw;
  for (const std::string& text : strings) {
    const auto size = static_cast<std::uint32_t>(text.size());
    raw.append(reinterpret_cast<const char*>(&size), sizeof(size));
    raw += text;
  }
  return raw;
}

// Expects the same number of floats, and nearly the same values: within 1e-5, or 1e-5 of the value.
inline void ExpectNearFloats(const std::string& actual, const std::string& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); i += sizeof(float)) {
    float left = 0;
    float right = 0;
    std::memcpy(&left, actual.data() + i, sizeof(float));
    std::memcpy(&right, expected.data() + i, sizeof(float));
    EXPECT_NEAR(left, right, 1e-5 * std::fmax(1, std::fabs(right)))
        << "value " << i / sizeof(float);
  }
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_GRAPH_FIXTURES_H_
