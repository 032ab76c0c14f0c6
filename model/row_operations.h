// What layers that are not dense do to the values of a row, beyond sums and scales: the parts of
// ONNX that a network needs between its dense layers. Each is held by Layer::operation, and all but
// UnitFunction and MatrixProduct have one source, x.

#ifndef MLP_MODEL_ROW_OPERATIONS_H_
#define MLP_MODEL_ROW_OPERATIONS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/functions/elementwise_functions.h"

namespace mlp {

// kFunction: z = f(the sources), unit by unit, each source as wide as the layer.
struct UnitFunction {
  const ElementwiseFunction* function = nullptr;  // never null in a network
  std::vector<double> parameters{};               // as many as the function has
};

enum class ReductionKind {
  kSum,
  kMean,
  kProduct,
  kMaximum,
  kMinimum,
  kL1,  // the sum of the absolute values
  kL2,  // the root of the sum of squares
  kSumOfSquares,
  kLogSum,     // log of the sum
  kLogSumExp,  // log of the sum of e^x
  kArgMax,     // the position of the greatest, the first one of equals
  kArgMin,
};

absl::string_view NameOf(ReductionKind kind);

// kReduce: x is [outer, count, inner], row-major; z is [outer, inner], each value made of `count`.
// Sums are taken in double. Source: ONNX's Operators.md, ReduceSum and its kin, ArgMax.
struct Reduction {
  ReductionKind kind = ReductionKind::kSum;
  std::int64_t outer = 1;
  std::int64_t count = 1;
  std::int64_t inner = 1;
};

// kSelect: z[u] = x[units[u]]. A unit may be read many times.
struct Selection {
  std::vector<std::int32_t> units{};
};

// kLookup: each value of x is replaced by a row of `table`, [entries, width]: by the entry at that
// position, or by the one whose key it is. Positions below 0 count from the end, as in ONNX's
// Gather. z is [inputs, width].
struct Lookup {
  std::int64_t width = 1;
  std::vector<float> keys{};  // ascending, a NaN last; none where x holds positions
  std::vector<float> table{};
  // [width], for what is not there. Without: NaN, and where the value is one of an input, a request
  // with it is refused before it is evaluated (InputRanges).
  std::vector<float> otherwise{};

  std::int64_t entries() const { return static_cast<std::int64_t>(table.size()) / width; }
};

// kMatrixProduct: for each of `batch`, [rows, depth] of the first source times [depth, columns] of
// the second one, row-major; z is [batch, rows, columns]. Sums are taken in double.
struct MatrixProduct {
  std::int64_t batch = 1;
  std::int64_t rows = 1;
  std::int64_t depth = 1;
  std::int64_t columns = 1;
};

using RowOperationDetail =
    std::variant<std::monostate, UnitFunction, Reduction, Selection, Lookup, MatrixProduct>;

// What an operation does in a few words, beside the name of its combination: "Sqrt", "l2 of 4".
// Empty for none.
std::string OperationText(const RowOperationDetail& operation);

// The memory of the tables and lists that an operation holds.
std::int64_t TableBytes(const RowOperationDetail& operation);

}  // namespace mlp

#endif  // MLP_MODEL_ROW_OPERATIONS_H_
