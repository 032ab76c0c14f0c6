// Reads rows of numbers and texts, a model's inputs, from JSON, CSV or .npy.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_ROWS_READER_H_
#define MLP_CLIENT_ROWS_READER_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/text_columns.h"

namespace mlp {

// Row-major: `values` has `rows` times `width` numbers, and `texts` has `rows` times `text_width`
// texts. Without rows, the widths are 0 if the file does not give them.
struct Rows {
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::vector<float> values;

  // The columns, from 0, with missing values, which are NaN in `values`. Each has a message about
  // the first place: "line 3, column 2 is empty".
  std::map<std::int64_t, std::string> missing{};

  std::int64_t text_width = 0;
  std::vector<std::string> texts{};
};

// INVALID_ARGUMENT if there are no rows or a value is missing.
absl::Status CheckComplete(const Rows& rows);

enum class RowsFormat { kAuto, kJson, kCsv, kNpy };

// The format named "json", "csv" or "npy"; kAuto for any other name.
RowsFormat RowsFormatNamed(absl::string_view name);

// Reads the content of a whole file. kAuto looks at the first bytes: NumPy's magic, or a bracket
// for JSON, otherwise CSV. Archives (such as NumPy's .npz), UTF-16 and other bytes that are not
// text are refused with an error that says what they are.
//
//   JSON  an array of arrays of numbers, or one array of numbers: one row.
//         A null for a number is a missing value. In the columns of `texts`, strings.
//   CSV   a row a line, fields separated by commas; a first line without any number is a header.
//         An empty cell is a missing value, or an empty text. Quotes as ReadCsvRows has them.
//   .npy  as ReadNpyFloats; the first dimension is the rows, one dimension alone is one row.
//
// INVALID_ARGUMENT (UNIMPLEMENTED for unsupported kinds of .npy files) with the line and column, or
// the row and value, both from 1. Also if the rows differ in width, for finite numbers out of
// FP32's range, and for a .npy file if there are text columns.
absl::StatusOr<Rows> ReadRows(absl::string_view file, RowsFormat format,
                              const TextColumns& texts = {});

// The most bytes to read. Streams have a lower limit: a pipe or a device, such as /dev/zero, may
// never end, and its size is unknown in advance, so its bytes are copied as the buffer grows.
struct InputLimits {
  std::size_t file_bytes = std::size_t{4} << 30;
  std::size_t stream_bytes = std::size_t{1} << 30;
};

// All the content of `in`. RESOURCE_EXHAUSTED above the stream limit, INVALID_ARGUMENT if it cannot
// be read. `name` is its name in messages.
absl::StatusOr<std::string> ReadAll(std::istream& in, absl::string_view name,
                                    const InputLimits& limits = {});

// The same for the file at `path`, with the file limit if it is a regular file. The system's error,
// such as NOT_FOUND, if it cannot be opened.
absl::StatusOr<std::string> ReadFile(const std::string& path, const InputLimits& limits = {});

}  // namespace mlp

#endif  // MLP_CLIENT_ROWS_READER_H_
