// Reads rows that are spread over several files.

#ifndef MLP_CLIENT_ROWS_IN_PARTS_H_
#define MLP_CLIENT_ROWS_IN_PARTS_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/rows_reader.h"
#include "client/text_columns.h"

namespace mlp {

// The rows of `files` in order; "-", or an empty list, reads `in`. Errors as for ReadRows and
// ReadFile, with the file's name in front. INVALID_ARGUMENT if a file's rows differ in width from
// those before. Thread-safe.
absl::StatusOr<Rows> ReadRowsInParts(const std::vector<std::string>& files, std::istream& in,
                                     RowsFormat format, const TextColumns& texts);

}  // namespace mlp

#endif  // MLP_CLIENT_ROWS_IN_PARTS_H_
