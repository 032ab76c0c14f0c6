// Integers in the file's types and in FP32, in which networks are evaluated. Integers of 8 and 16
// bits wrap around as in ONNX Runtime; longer ones are exact up to 2^24. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_INTEGERS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_INTEGERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// The greatest integer up to which all integers are exact in FP32.
inline constexpr double kGreatestExactInteger = 16'777'216.0;

// INT8, UINT8, INT16 and UINT16; and the types of 32 and 64 bits.
bool IsShortInteger(Datatype datatype);
bool IsLongInteger(Datatype datatype);

// The integers of a type: `count` integers from `lowest` on.
struct TypeRange {
  double lowest = 0.0;
  double count = 0.0;
};
TypeRange TypeRangeOf(Datatype integer);

// The last bits of an integer, as `integer` holds them. Does not change integers of 64 bits.
double WrappedInteger(double value, Datatype integer);

// The error for a negative constant of UINT64, which would wrap to a value beyond a double's
// precision.
absl::Status NegativeOfUint64(double value);

// UNIMPLEMENTED if one of the integers is not exact in FP32; `what` names what holds them.
absl::Status CheckExactInFp32(absl::Span<const double> integers, absl::string_view what);

// The same for the constants that a node has added to the row graph since the graph had `first`
// nodes, if the node gives integers of 32 or 64 bits or compares with constants of these types.
absl::Status CheckIntegersOfRows(const Operands& operands, const OnnxValues& made,
                                 std::size_t first);

// `node`, which is `function` of `arguments`, limited to the integer type `datatype`: 8 and 16 bits
// wrap around; a warning says if longer integers may exceed 2^24. UNIMPLEMENTED if a constant
// beyond 2^24 is added.
absl::StatusOr<RowNodeId> AddKeptInType(const Operands& operands, absl::string_view function,
                                        const std::vector<RowNodeId>& arguments, RowNodeId node,
                                        Datatype datatype, std::int64_t width);

// The product of two integers of 8 or 16 bits, with wrap-around.
RowNodeId AddWrappedProduct(const Operands& operands, std::vector<RowNodeId> arguments,
                            Datatype datatype, std::int64_t width);

// Records that the values of `node` stay within the range of `datatype`, whatever type they are
// cast to.
void BoundInteger(const Operands& operands, RowNodeId node, Datatype datatype);

// Warns, once for each file, that integers of `datatype` are rounded if a request makes them exceed
// 2^24.
void WarnOfLongIntegers(const Operands& operands, Datatype datatype);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_INTEGERS_H_
