// Rows of numbers as comma-separated values.

#ifndef MLP_CLIENT_CSV_ROWS_H_
#define MLP_CLIENT_CSV_ROWS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/rows_reader.h"

namespace mlp {

// Reads one row a line, numbers separated by commas, with spaces around them if need be, "nan" and
// "inf" included. The first line is a header, and passed over, when none of its fields is a number;
// where some are, the others are errors. An empty cell is a
// missing value, and a file without rows has none. Lines end with \n or \r\n; empty ones may stand
// at the end alone. INVALID_ARGUMENT names the line and the column, both from 1. Thread-safe.
absl::StatusOr<Rows> ReadCsvRows(absl::string_view text);

}  // namespace mlp

#endif  // MLP_CLIENT_CSV_ROWS_H_
