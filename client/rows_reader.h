// Reads rows of numbers and texts, the inputs of a model, from JSON, CSV or .npy.
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

// Row-major: `values` has `rows` times `width` elements, the numbers, and `texts` `rows` times
// `text_width`. Without rows, the widths are 0 where the file does not tell them.
struct Rows {
  std::int64_t rows = 0;
  std::int64_t width = 0;
  std::vector<float> values;

  // Where a value is missing, which is a NaN in `values`: the columns, from 0, each with what a
  // message says of the first place: "line 3, column 2 is empty".
  std::map<std::int64_t, std::string> missing{};

  std::int64_t text_width = 0;
  std::vector<std::string> texts{};
};

// INVALID_ARGUMENT where there are no rows, or a value is missing.
absl::Status CheckComplete(const Rows& rows);

enum class RowsFormat { kAuto, kJson, kCsv, kNpy };

// The one that goes by "json", "csv" or "npy"; kAuto for any other name.
RowsFormat RowsFormatNamed(absl::string_view name);

// What a whole file of text or bytes holds. kAuto looks at its first bytes: NumPy's magic, or a
// bracket for JSON, else CSV. An archive, such as NumPy's .npz, UTF-16 and other bytes that are no
// text are refused for what they are.
//
//   JSON  an array of arrays of numbers, or one array of numbers: one row.
//         A null for a number is a missing value. In the columns of `texts`, strings.
//   CSV   a row a line, fields separated by commas; a first line without any number is a header.
//         An empty cell is a missing value, or an empty text. Quotes as ReadCsvRows has them.
//   .npy  as ReadNpyFloats; the first dimension is the rows, one dimension alone is one row.
//
// INVALID_ARGUMENT (UNIMPLEMENTED for .npy files of kinds not read) with the line and column, or
// the row and value, both from 1; also where the rows differ in width, and for
// finite numbers beyond the range of FP32, and for .npy files where there are columns of texts.
absl::StatusOr<Rows> ReadRows(absl::string_view file, RowsFormat format,
                              const TextColumns& texts = {});

// The most that is read. A pipe or a device, such as /dev/zero, need not end and does not tell how
// much it will give, so that its bytes are moved as they grow.
struct InputLimits {
  std::size_t file_bytes = std::size_t{4} << 30;
  std::size_t stream_bytes = std::size_t{1} << 30;
};

// All that `in` holds; RESOURCE_EXHAUSTED over the limit of a stream, INVALID_ARGUMENT where it
// cannot be read. `name` is what messages call it.
absl::StatusOr<std::string> ReadAll(std::istream& in, absl::string_view name,
                                    const InputLimits& limits = {});

// The same for the file at `path`, by the limit of a file if it is one. Where it cannot be opened,
// the system's error, such as NOT_FOUND.
absl::StatusOr<std::string> ReadFile(const std::string& path, const InputLimits& limits = {});

}  // namespace mlp

#endif  // MLP_CLIENT_ROWS_READER_H_
