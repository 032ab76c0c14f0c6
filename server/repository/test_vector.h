// A version's own test vector: inputs, and what its framework answers to them. A version that does
// not answer the same is not served.

#ifndef MLP_SERVER_REPOSITORY_TEST_VECTOR_H_
#define MLP_SERVER_REPOSITORY_TEST_VECTOR_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network.h"

namespace mlp {

// The file's name, in a version's folder.
inline constexpr char kTestVectorFile[] = "test_vector.safetensors";

// Its most bytes and rows.
inline constexpr std::int64_t kMostTestVectorBytes = std::int64_t{64} << 20;
inline constexpr std::int64_t kMostTestVectorRows = 4096;

struct TestVector {
  struct Answer {
    std::size_t output = 0;     // an index into the network's outputs
    std::vector<float> values;  // [rows, its width], row-major
  };

  std::int64_t rows = 0;
  std::vector<std::vector<float>> inputs;  // one for each of the network's: [rows, its width]
  std::vector<Answer> answers;             // at least one
};

// Reads the file out of a version's folder, for a version with `network`; none where there is no
// such file. It holds a tensor for each input, called as the network calls it, and one for each
// output whose answer is to be checked, each with the rows as its first dimension.
// INVALID_ARGUMENT, naming the tensor, for what does not fit the network, outputs of labels and
// decisions among it.
absl::StatusOr<std::optional<TestVector>> ReadTestVector(const std::filesystem::path& folder,
                                                         const Network& network);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_TEST_VECTOR_H_
