// Reads rows of numbers, the inputs of a model, from JSON, CSV or .npy.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_ROWS_READER_H_
#define MLP_CLIENT_ROWS_READER_H_

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Row-major: `values` has `rows` times `width` elements. Both are at least 1.
struct Rows {
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::vector<float> values;
};

enum class RowsFormat { kAuto, kJson, kCsv, kNpy };

// What a whole file of text or bytes holds. kAuto looks at its first bytes: NumPy's magic, or a
// bracket for JSON, else CSV.
//
//   JSON  an array of arrays of numbers, or one array of numbers: one row.
//   CSV   a row a line, numbers separated by commas; a first line without any number is a header.
//   .npy  as ReadNpyFloats; the first dimension is the rows, one dimension alone is one row.
//
// INVALID_ARGUMENT (UNIMPLEMENTED for .npy files of kinds not read) with the line and column, or
// the row and value, both from 1; also where there are no rows or they differ in width, and for
// finite numbers beyond the range of FP32.
absl::StatusOr<Rows> ReadRows(absl::string_view file, RowsFormat format);

// All that `in` holds, up to 4 GiB; RESOURCE_EXHAUSTED over it, INVALID_ARGUMENT where it cannot be
// read. `name` is what messages call it.
absl::StatusOr<std::string> ReadAll(std::istream& in, absl::string_view name);

// The same for the file at `path`; NOT_FOUND where it cannot be opened.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace mlp

#endif  // MLP_CLIENT_ROWS_READER_H_
