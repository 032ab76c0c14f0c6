// Converts numbers to the raw contents of a tensor, in any datatype of the protocol except BYTES.

#ifndef MLP_CLIENT_BENCH_ELEMENT_BYTES_H_
#define MLP_CLIENT_BENCH_ELEMENT_BYTES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/datatype.h"

namespace mlp {

// Appends `values` to `bytes`, rounded to nearest for floating-point types. INVALID_ARGUMENT if an
// integer type or BOOL (0 and 1) cannot hold a value. REQUIRES: `datatype` is not kBytes.
// Thread-safe.
absl::Status AppendElements(Datatype datatype, absl::Span<const float> values, std::string& bytes);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_ELEMENT_BYTES_H_
