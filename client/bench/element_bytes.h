// Numbers as the elements of a tensor's raw contents, in any datatype of the protocol but BYTES.

#ifndef MLP_CLIENT_BENCH_ELEMENT_BYTES_H_
#define MLP_CLIENT_BENCH_ELEMENT_BYTES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/datatype.h"

namespace mlp {

// Appends `values` to `bytes`: to nearest for floating-point types; INVALID_ARGUMENT for a value
// that an integer or BOOL (0 and 1) does not have. REQUIRES: another datatype than kBytes.
// Thread-safe.
absl::Status AppendElements(Datatype datatype, absl::Span<const float> values, std::string& bytes);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_ELEMENT_BYTES_H_
