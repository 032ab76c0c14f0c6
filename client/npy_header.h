// The header of a NumPy array file, versions 1, 2 and 3.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

#ifndef MLP_CLIENT_NPY_HEADER_H_
#define MLP_CLIENT_NPY_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// "\x93NUMPY", the start of every such file.
inline constexpr absl::string_view kNpyMagic = "\x93NUMPY";

// Whether `file` is a ZIP archive, like NumPy's .npz. Thread-safe.
bool IsZipArchive(absl::string_view file);

struct NpyHeader {
  std::string descr;                // the element type as written, e.g. "<f4"
  std::vector<std::int64_t> shape;  // empty for a scalar
  std::int64_t elements = 1;        // the product of `shape`
  std::size_t data_offset = 0;      // where the elements begin
};

// Reads the header of `file`, which holds a whole file. Checks every claim of the header against
// the available bytes, except the elements' bytes, which the caller must check. INVALID_ARGUMENT if
// the header is broken or the file is an archive, UNIMPLEMENTED for structured elements and for
// Fortran order in two or more dimensions. Thread-safe.
absl::StatusOr<NpyHeader> ReadNpyHeader(absl::string_view file);

}  // namespace mlp

#endif  // MLP_CLIENT_NPY_HEADER_H_
