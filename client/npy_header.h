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

// "\x93NUMPY", with which every such file begins.
inline constexpr absl::string_view kNpyMagic = "\x93NUMPY";

// Whether `file` is what NumPy's .npz is, a ZIP archive. Thread-safe.
bool IsZipArchive(absl::string_view file);

struct NpyHeader {
  std::string descr;                // the element type as it stands there, e.g. "<f4"
  std::vector<std::int64_t> shape;  // empty for a scalar
  std::int64_t elements = 1;        // the product of `shape`
  std::size_t data_offset = 0;      // where the elements begin
};

// Reads the header of `file`, which holds a whole file. Nothing that the header claims is believed
// before it is compared with the bytes that are there; the elements' bytes are the caller's to
// compare. INVALID_ARGUMENT where it is broken or an archive, UNIMPLEMENTED for structured elements
// and for Fortran order in two dimensions or more. Thread-safe.
absl::StatusOr<NpyHeader> ReadNpyHeader(absl::string_view file);

}  // namespace mlp

#endif  // MLP_CLIENT_NPY_HEADER_H_
