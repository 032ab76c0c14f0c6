// Reads and writes NumPy's .npy files: arrays of numbers in C order, little-endian.
//
// This is our own reader because such files come from anywhere, and the libraries packaged by
// Debian assert or trust the header's shape if a file is broken. This one checks every claim
// against the bytes that are there before it allocates.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_NPY_H_
#define MLP_CLIENT_NPY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// Row-major; `values` has as many elements as the product of `shape` (1 for an empty shape).
template <typename T>
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<T> values;
};

// Reads `file`, the bytes of a whole file, with elements <f4, <f8, |b1, |i1, |u1, or <i or <u of 2,
// 4 or 8 bytes. Integers are rounded to the nearest float. INVALID_ARGUMENT for a broken file, for
// fewer or more bytes than the shape requires, and for a finite <f8 out of a float's range.
// UNIMPLEMENTED for other elements and for Fortran order.
absl::StatusOr<NpyArray<float>> ReadNpyFloats(absl::string_view file);

// Like ReadNpyFloats, for integers. INVALID_ARGUMENT also for a float that is not a whole number in
// an int64's range.
absl::StatusOr<NpyArray<std::int64_t>> ReadNpyIntegers(absl::string_view file);

// Like ReadNpyFloats, for texts: elements <U or |S, without the zeros that pad them.
// INVALID_ARGUMENT also if a <U element is not Unicode.
absl::StatusOr<NpyArray<std::string>> ReadNpyStrings(absl::string_view file);

// Whether the elements of `file` are texts, as far as its header is readable.
bool HoldsStrings(absl::string_view file);

// A file with elements <f4. `values` has as many elements as the product of `shape`.
std::string WriteNpy(absl::Span<const std::int64_t> shape, absl::Span<const float> values);

// A file with elements <f8.
std::string WriteNpyDoubles(absl::Span<const std::int64_t> shape, absl::Span<const float> values);

// A file with elements `descr`: |b1, |i1, |u1, or <i or <u of 2, 4 or 8 bytes. Each value must fit.
std::string WriteNpyIntegers(absl::Span<const std::int64_t> shape,
                             absl::Span<const std::int64_t> values, absl::string_view descr);

// A file with elements <U, each as long as the longest of `values`, which are UTF-8. Invalid bytes
// become U+FFFD. RESOURCE_EXHAUSTED if the file would exceed 4 GiB.
absl::StatusOr<std::string> WriteNpyStrings(absl::Span<const std::int64_t> shape,
                                            absl::Span<const std::string> values);

}  // namespace mlp

#endif  // MLP_CLIENT_NPY_H_
