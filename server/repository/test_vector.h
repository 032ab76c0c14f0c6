// A version's own test vector: inputs, and its framework's answers to them. A version that answers
// differently is not served.

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

// The most bytes and rows of the file.
inline constexpr std::int64_t kMaxTestVectorBytes = std::int64_t{64} << 20;
inline constexpr std::int64_t kMaxTestVectorRows = 4096;

struct TestVector {
  struct Answer {
    std::size_t output = 0;     // an index into the network's outputs
    std::vector<float> values;  // [rows, its width], row-major
  };

  std::int64_t rows = 0;
  std::vector<std::vector<float>> inputs;  // one for each network input: [rows, its width]
  std::vector<Answer> answers;             // at least one
};

// Reads the file from the folder of a version with `network`; nullopt if there is no such file. It
// holds a tensor for each input, with the input's name, and one for each output whose answer is to
// be checked. Rows are the first dimension of each. INVALID_ARGUMENT, with the tensor, for anything
// that does not fit the network, including outputs of labels and decisions.
absl::StatusOr<std::optional<TestVector>> ReadTestVector(const std::filesystem::path& folder,
                                                         const Network& network);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_TEST_VECTOR_H_
