// Rows of numbers and texts as comma-separated values.

#ifndef MLP_CLIENT_CSV_ROWS_H_
#define MLP_CLIENT_CSV_ROWS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/rows_reader.h"

namespace mlp {

// Reads one row per line, with fields separated by commas. Lines end with \n or \r\n; empty lines
// are only allowed at the end. A field may be in double quotes: then it may contain commas and line
// ends, and two quotes stand for one.
// two quotes are one.
//
// A number may have spaces around it; "nan" and "inf" are numbers. An empty cell is a missing
// value. In the columns of `texts`, a field is a text exactly as written, including spaces.
//
// The first line is a header, and skipped, if none of its fields is a number, not counting text
// columns. If some are numbers, the others are errors. If all columns hold texts, the first line is
// always a header. A file without rows is not an error. INVALID_ARGUMENT names the line and column,
// both from 1. Thread-safe.
absl::StatusOr<Rows> ReadCsvRows(absl::string_view text, const TextColumns& texts = {});

}  // namespace mlp

#endif  // MLP_CLIENT_CSV_ROWS_H_
