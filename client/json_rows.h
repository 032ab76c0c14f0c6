// Rows of numbers and texts as JSON.

#ifndef MLP_CLIENT_JSON_ROWS_H_
#define MLP_CLIENT_JSON_ROWS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/rows_reader.h"

namespace mlp {

// Reads an array of arrays of numbers, one per row, or one array of numbers, a single row. The
// columns of `texts` hold strings. INVALID_ARGUMENT names the line and column of invalid JSON, or
// the row and value, both from 1, that is not a number or string as expected. Memory and time are
// linear in the size of `text`, whatever its nesting. Thread-safe.
absl::StatusOr<Rows> ReadJsonRows(absl::string_view text, const TextColumns& texts = {});

}  // namespace mlp

#endif  // MLP_CLIENT_JSON_ROWS_H_
