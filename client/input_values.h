// Writes numbers as a tensor of the protocol has them. Internal to the client.

#ifndef MLP_CLIENT_INPUT_VALUES_H_
#define MLP_CLIENT_INPUT_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "client/client.h"

namespace mlp {

// The columns [first, first + count) of rows of `width` values, row-major.
struct InputColumns {
  absl::Span<const float> values;
  std::int64_t width = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

// Writes `columns` as the raw contents of `input`. INVALID_ARGUMENT, naming the row and the value,
// where an integer input cannot have a number or a float of 24 bits cannot tell which one was
// meant; UNIMPLEMENTED for BYTES, FP16 and BF16. Thread-safe.
absl::Status WriteInput(const TensorMetadata& input, const InputColumns& columns, std::string& raw);

}  // namespace mlp

#endif  // MLP_CLIENT_INPUT_VALUES_H_
