// Bounds on a refusal, whatever the file holds: its message is short and printable, and it takes
// little memory.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_BOUNDED_REFUSAL_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_BOUNDED_REFUSAL_H_

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace mlp {

// The longest message that a log and a status page show well. The list of operators takes up most
// of it.
inline constexpr std::size_t kLongestMessage = 1024;

// Expects a message that fits into a log: short and printable, whatever the file holds.
inline void ExpectReadable(const absl::Status& status) {
  EXPECT_LE(status.message().size(), kLongestMessage);
  EXPECT_TRUE(std::all_of(status.message().begin(), status.message().end(), [](char c) {
    return c >= ' ' && c <= '~';
  })) << status;
}

// The peak memory of this process, in bytes.
inline std::int64_t PeakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_BOUNDED_REFUSAL_H_
