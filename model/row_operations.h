// What a layer does to the values of a row: one small struct for each combination
// (model/combination.h), holding its parameters. Layer::operation holds one of them, and so does a
// node of a file's graph (model/formats/graph/row_graph.h).
//
// x is all sources side by side, and z the layer's pre-activations. For Reduction, Selection and
// Lookup, x is a single source.

#ifndef MLP_MODEL_ROW_OPERATIONS_H_
#define MLP_MODEL_ROW_OPERATIONS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/functions/elementwise_functions.h"

namespace mlp {

// kDense: z = x W + b.
struct Dense {
  std::vector<float> weights{};  // [inputs, units], row-major; empty once an Evaluator packed them
  std::vector<float> bias{};     // [units]
};

// kConcat: z = x.
struct Concatenation {};

// kSum, kProduct, kMaximum and kMinimum: over the sources, unit by unit.
struct Sum {};
struct Product {};
struct Maximum {};
struct Minimum {};

// kAffine: z = (x - center) * scale + shift, unit by unit.
struct Affine {
  std::vector<float> center{};  // [units]; empty means 0
  std::vector<float> scale{};   // [units]
  std::vector<float> shift{};   // [units]
};

enum class Norm {
  kL1,
  kL2,
  kMax,       // the greatest value, as in ai.onnx.ml
  kGreatest,  // the greatest absolute value, as in scikit-learn
  kStandard,  // the standard deviation, of x less its mean: layer normalisation
  kRms,       // the root of the mean square: RMS normalisation
};

// kNormalize: z = x / |x|, by the norm of the row.
struct Normalization {
  Norm norm = Norm::kL2;
  float epsilon = 0.0F;  // kStandard and kRms: added to the mean square
};

// kImpute: z = x, with missing values replaced by the unit's own value.
struct Imputation {
  float missing = 0.0F;         // the value that marks a missing one; often NaN
  std::vector<float> values{};  // [units]; in a file's graph, one may stand for all units
};

// kQuantize: z = (clamp(round(x / scale) + zero_point, lowest, highest) - zero_point) * scale,
// rounded to nearest, ties to even: ONNX's QuantizeLinear followed by DequantizeLinear.
struct Quantization {
  float scale = 1.0F;
  float zero_point = 0.0F;
  float lowest = -128.0F;
  float highest = 127.0F;
};

// kConstant: z = the values. It has no sources.
struct Constant {
  std::vector<float> values{};  // [units]
};

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

// kReduce: x is [outer, count, inner], row-major; z is [outer, inner], each value reduced from
// `count` values. Sums are computed in double. Source: ONNX's Operators.md, ReduceSum and its
// variants, ArgMax.
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

// kLookup: replaces each value of x by a row of `table`, [entries, width]: the row at that position
// or, with keys, the row of the matching key. Negative positions count from the end, as in ONNX's
// Gather. z is [inputs, width].
struct Lookup {
  std::int64_t width = 1;
  std::vector<float> keys{};  // ascending, NaN last; empty if x holds positions
  std::vector<float> table{};
  // [width], the row for values without an entry. If empty, such a value gives NaN; if it comes
  // from a network input, the request is refused before evaluation (InputRanges).
  std::vector<float> default_row{};

  std::int64_t entries() const { return static_cast<std::int64_t>(table.size()) / width; }
};

// kMatrixProduct: for each of `batch`, [rows, depth] of the first source times [depth, columns] of
// the second, row-major; z is [batch, rows, columns]. Sums are computed in double.
struct MatrixProduct {
  std::int64_t batch = 1;
  std::int64_t rows = 1;
  std::int64_t depth = 1;
  std::int64_t columns = 1;
};

// In the order of Combination.
using RowOperationDetail = std::variant<Dense, Concatenation, Sum, Product, Maximum, Minimum,
                                        Affine, Normalization, Imputation, Quantization, Constant,
                                        UnitFunction, Reduction, Selection, Lookup, MatrixProduct>;

// A few words on what an operation does, shown next to its combination's name: "Sqrt", "l2 of 4".
// Empty if the name says it all.
std::string OperationText(const RowOperationDetail& operation);

// The sizes of an operation's vectors.
struct HeldValues {
  std::int64_t trained = 0;  // trained numbers
  std::int64_t bytes = 0;    // of the trained numbers and everything else, e.g. keys and lists of
                             // units
};
HeldValues ValuesHeldBy(const RowOperationDetail& operation);

}  // namespace mlp

#endif  // MLP_MODEL_ROW_OPERATIONS_H_
