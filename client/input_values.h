// Writes numbers and texts in the protocol's tensor format. Internal to the client.

#ifndef MLP_CLIENT_INPUT_VALUES_H_
#define MLP_CLIENT_INPUT_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "client/client.h"

namespace mlp {

// The columns [first, first + count) of rows of `width` values, row-major. A Value is a float or a
// std::string.
template <typename Value>
struct InputColumns {
  absl::Span<const Value> values;
  std::int64_t width = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;

  std::int64_t rows() const {
    return width == 0 ? 0 : static_cast<std::int64_t>(values.size()) / width;
  }
  const Value& At(std::int64_t row, std::int64_t column) const {
    return values[static_cast<std::size_t>(row * width + first + column)];
  }
};

// Writes `columns` as the raw contents of `input`. INVALID_ARGUMENT, naming the row and the value,
// if an integer input cannot hold a number, or if a float's 24 bits cannot tell which integer was
// meant. UNIMPLEMENTED for FP16 and BF16. Thread-safe. REQUIRES: `input` is not BYTES.
absl::Status WriteNumbers(const TensorMetadata& input, const InputColumns<float>& columns,
                          std::string& raw);

// Like WriteNumbers, for texts, each preceded by its length. INVALID_ARGUMENT if one has 4 GiB or
// more. Thread-safe. REQUIRES: `input` is BYTES.
absl::Status WriteTexts(const TensorMetadata& input, const InputColumns<std::string>& columns,
                        std::string& raw);

}  // namespace mlp

#endif  // MLP_CLIENT_INPUT_VALUES_H_
