// Rows of numbers and texts as comma-separated values.

#ifndef MLP_CLIENT_CSV_ROWS_H_
#define MLP_CLIENT_CSV_ROWS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/rows_reader.h"

namespace mlp {

// Reads one row a line, fields separated by commas. Lines end with \n or \r\n; empty ones may stand
// at the end alone. A field may stand in double quotes: commas and line ends belong to it then, and
// two quotes are one.
//
// A number has spaces around it if need be; "nan" and "inf" are some. An empty cell is a missing
// value. In the columns of `texts`, a field is a text as it stands, spaces included.
//
// The first line is a header, and passed over, when none of its fields is a number, those of texts
// aside; where some are, the others are errors. Where all columns hold texts, it always is. A file
// without rows has none. INVALID_ARGUMENT names the line and the column, both from 1. Thread-safe.
absl::StatusOr<Rows> ReadCsvRows(absl::string_view text, const TextColumns& texts = {});

}  // namespace mlp

#endif  // MLP_CLIENT_CSV_ROWS_H_
