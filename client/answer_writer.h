// Writes a model's answer as a table, as JSON or as a .npy file.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_ANSWER_WRITER_H_
#define MLP_CLIENT_ANSWER_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/client.h"

namespace mlp {

enum class AnswerFormat { kTable, kJson, kNpy, kNone };

// A line for each row: its number from 0, the class with the highest of `scores` (null: no such
// column), its label (where `labels` is not empty), then each output's values, shortened to about
// four digits and to the first sixteen values. `scores` is one of the outputs; `labels` is empty or
// has one for each row.
std::string AnswerTable(const InferResult& result, const Tensor* scores,
                        absl::Span<const std::int64_t> labels);

// {"model": ..., "version": ..., "outputs": {name: [[...], ...], ...}}, each output nested as its
// shape is, a line for each row; every number with the digits that give the same float back. NaN
// and the infinities, which JSON lacks, are null.
std::string AnswerJson(const InferResult& result);

// The answer's one output. INVALID_ARGUMENT where it has several.
absl::StatusOr<std::string> AnswerNpy(const InferResult& result);

}  // namespace mlp

#endif  // MLP_CLIENT_ANSWER_WRITER_H_
