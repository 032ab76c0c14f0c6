// Operators that only pick, permute, repeat and join values, of rows or of constants: each is a
// list of where the values of the result come from.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_WIRING_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_WIRING_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/whole_shape.h"

namespace mlp {

// A result of `shape`, whose value i is that at `units[i]` of the operands side by side, or the one
// that fills where that is kFilled.
struct Wiring {
  static constexpr std::int32_t kFilled = -1;

  WholeShape shape;
  std::vector<std::int32_t> units;
};

// Which value of the operand stands at `place` of the result: an index into its values, or
// Wiring::kFilled. Called in the result's order.
using WiredUnit = absl::FunctionRef<std::int64_t(absl::Span<const std::int64_t> place)>;

// The wiring to `shape`. INVALID_ARGUMENT beyond 1 to Network::kMaxWidth values, and where a file
// wires many times what any model does.
absl::StatusOr<Wiring> MakeWiring(const Operands& operands, WholeShape shape, WiredUnit unit_at);

// How far apart neighbours along each dimension stand.
std::vector<std::int64_t> StridesOf(const std::vector<std::int64_t>& dimensions);

// Where `place` stands in a tensor of these strides.
std::int64_t UnitAt(absl::Span<const std::int64_t> place, const std::vector<std::int64_t>& strides);

// The dimensions in the order of `permutation`, which has each of their places once.
absl::StatusOr<Wiring> Permuted(const Operands& operands, const WholeShape& shape,
                                const std::vector<std::int64_t>& permutation);

// Repeated as ONNX's Expand does, to `shape`, which it has to fit.
absl::StatusOr<Wiring> Repeated(const Operands& operands, const WholeShape& from,
                                const WholeShape& shape);

// The node of what is wired from `nodes`, side by side `widths` wide: one of them, a part of one,
// some parts joined, or a selection. `fill` stands where nothing comes from.
RowNodeId AddWired(const Operands& operands, const std::vector<RowNodeId>& nodes,
                   const std::vector<std::int32_t>& units, double fill);

// Input `index`, a signal, a constant or a list, wired to something of the same kind.
absl::StatusOr<OnnxValue> WiredAt(const Operands& operands, std::size_t index, const Wiring& wiring,
                                  double fill = 0.0);

// The numbers of input `index`, a constant or a list of integers without the batch's size, as
// doubles; and a constant of such numbers of ONNX type `type`.
absl::StatusOr<ConstantTensor<double>> NumbersOfConstantAt(const Operands& operands,
                                                           std::size_t index);
absl::StatusOr<OnnxConstant> NewConstant(const Operands& operands,
                                         const std::vector<std::int64_t>& dimensions,
                                         const std::vector<double>& values, int type);

// Gives `made` the values, as its type has them: the nearest that an integer may be, and FLOAT in
// place of FLOAT16 and BFLOAT16.
void FillTensor(const std::vector<double>& values, int type, onnx::TensorProto& made);

// The ONNX type of input `index`, a constant or a list.
int TypeOfConstantAt(const Operands& operands, std::size_t index);

// Entries as a list where they may be a shape, and else as a constant of INT64.
absl::StatusOr<OnnxValue> IntegersOf(const Operands& operands,
                                     const std::vector<std::int64_t>& dimensions,
                                     std::vector<std::int64_t> entries);

// A constant as rows: one for each row of the input, of `shape`, to which it has to repeat.
absl::StatusOr<RowNodeId> ConstantRows(const Operands& operands, std::size_t index,
                                       const WholeShape& shape);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_WIRING_H_
