// Builds the requests of a load.

#ifndef MLP_CLIENT_BENCH_LOAD_REQUESTS_H_
#define MLP_CLIENT_BENCH_LOAD_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/rows_reader.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// The most bytes of all requests of a load together, unless a single request is larger.
inline constexpr std::size_t kMaxLoadRequestBytes = std::size_t{256} << 20;

struct LoadRequestOptions {
  std::int64_t rows = 1;  // per request

  // Rows to send, over and over; random rows if not set.
  std::optional<Rows> file_rows = {};

  // For random rows. The same seed gives the same requests on every machine.
  std::uint64_t seed = 1;
};

// Builds requests for `model` with raw contents, within kMaxLoadRequestBytes. Random rows make up
// to 64 requests. A file's rows make as many as it takes until a request starts at the file's first
// row again. Random values are in [0, 1) for floating-point datatypes, 0 to 127 for integers, and 0
// or 1 for BOOL. Random rows fill every input; a file's rows need a single input.
//
// UNIMPLEMENTED for BYTES inputs, for inputs with an open dimension besides the rows, and for a
// file's rows if there are several inputs. INVALID_ARGUMENT if a file's rows differ in width from
// the input, or have values that its datatype cannot hold. Thread-safe.
absl::StatusOr<std::vector<inference::ModelInferRequest>> MakeRequests(
    const ModelMetadata& model, const LoadRequestOptions& options);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LOAD_REQUESTS_H_
