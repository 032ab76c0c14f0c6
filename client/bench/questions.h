// The requests that a load is made of.

#ifndef MLP_CLIENT_BENCH_QUESTIONS_H_
#define MLP_CLIENT_BENCH_QUESTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/rows_reader.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// The most that all requests of a load hold together, unless one alone holds more.
inline constexpr std::size_t kMostQuestionBytes = std::size_t{256} << 20;

struct QuestionOptions {
  std::int64_t rows = 1;  // in a request

  // Rows to ask for, over and over; none for random ones.
  std::optional<Rows> file_rows = {};

  // Of random rows. The same seed makes the same requests on every machine.
  std::uint64_t seed = 1;
};

// Requests for `model`, with raw contents: of random rows up to 64, of a file's as many as it takes
// until they come round at the beginning of a request again; both within kMostQuestionBytes. Random
// values are in [0, 1) for floating-point datatypes, 0 to 127 for integers, 0 or 1 for BOOL; they
// fill every input, a file's rows the only one.
//
// UNIMPLEMENTED for inputs of BYTES, for those with an open dimension besides the rows, and for a
// file's rows where there are several inputs. INVALID_ARGUMENT where a file's rows have another
// width than the input, or values that its datatype has not. Thread-safe.
absl::StatusOr<std::vector<inference::ModelInferRequest>> MakeQuestions(
    const ModelMetadata& model, const QuestionOptions& options);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_QUESTIONS_H_
