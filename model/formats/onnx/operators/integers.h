// Integers as the file's types hold them and as FP32, in which networks are evaluated, does: those
// of 8 and 16 bits wrap around as in ONNX Runtime, and greater ones are exact up to 2^24. Internal
// to the reader.

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

// Integers up to this are exact in FP32, in which networks are evaluated.
inline constexpr double kGreatestExactInteger = 16'777'216.0;

// INT8, UINT8, INT16 and UINT16; and those of 32 and 64 bits.
bool IsShortInteger(Datatype datatype);
bool IsLongInteger(Datatype datatype);

// The integers of a type: `count` of them from `lowest` on.
struct TypeRange {
  double lowest = 0.0;
  double count = 0.0;
};
TypeRange TypeRangeOf(Datatype integer);

// The last bits of a whole number, as `integer` holds them. Whole numbers of 64 bits stay.
double WrappedInteger(double value, Datatype integer);

// The refusal of a constant of UINT64 below 0, which would be one beyond what doubles hold.
absl::Status NegativeOfUint64(double value);

// UNIMPLEMENTED where one of the integers is none that FP32 holds exactly; `what` holds them.
absl::Status CheckExactInFp32(absl::Span<const double> integers, absl::string_view what);

// The same of the constants that a node has added to the row graph since it had `first` nodes,
// where it makes integers of 32 or 64 bits or compares with constants of them.
absl::Status CheckIntegersOfRows(const Operands& operands, const OnnxValues& made,
                                 std::size_t first);

// `node`, which is `function` of `arguments`, as the type of integers `datatype` holds it: those of
// 8 and 16 bits wrap around; where greater ones may come to more than 2^24, a warning says so.
// UNIMPLEMENTED where a constant beyond that is added.
absl::StatusOr<RowNodeId> AddKeptInType(const Operands& operands, absl::string_view function,
                                        const std::vector<RowNodeId>& arguments, RowNodeId node,
                                        Datatype datatype, std::int64_t width);

// The product of two integers of 8 or 16 bits, which wraps around.
RowNodeId AddWrappedProduct(const Operands& operands, std::vector<RowNodeId> arguments,
                            Datatype datatype, std::int64_t width);

// Notes that the values of `node` are no greater than those of `datatype`, whatever they are cast
// to.
void BoundInteger(const Operands& operands, RowNodeId node, Datatype datatype);

// Warns, once a file, that integers of `datatype` are rounded where a request makes them go beyond
// 2^24.
void WarnOfLongIntegers(const Operands& operands, Datatype datatype);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_INTEGERS_H_
