// Operators that only pick, permute, repeat and join values of rows or constants. Each is a list of
// the sources of the result's values.

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

// A result of `shape`. Its value i is the value at `units[i]` of the operands side by side, or the
// fill value if `units[i]` is kFilled.
struct Wiring {
  static constexpr std::int32_t kFilled = -1;

  WholeShape shape;
  std::vector<std::int32_t> units;
};

// The index of a value along each dimension.
using Place = absl::Span<const std::int64_t>;

// The source of the value at `place` of the result: an index into the operand's values, or
// Wiring::kFilled. Called in the result's order.
using WiredUnit = absl::FunctionRef<std::int64_t(Place place)>;

// The wiring to `shape`. UNIMPLEMENTED for a row without 1 to Network::kMaxWidth values, and if a
// file wires many times more values than any model does.
absl::StatusOr<Wiring> MakeWiring(const Operands& operands, WholeShape shape, WiredUnit unit_at);

// The stride of each dimension.
std::vector<std::int64_t> StridesOf(const std::vector<std::int64_t>& dimensions);

// The index of `place` in a tensor with these strides.
std::int64_t UnitAt(Place place, const std::vector<std::int64_t>& strides);

// The values in their order, as a tensor of `shape`. REQUIRES: it has as many values.
absl::StatusOr<Wiring> InOrder(const Operands& operands, const WholeShape& shape);

// The dimensions in the order of `permutation`, which must have each place once.
absl::StatusOr<Wiring> Permuted(const Operands& operands, const WholeShape& shape,
                                const std::vector<std::int64_t>& permutation);

// Repeated to `shape`, as in ONNX's Expand. REQUIRES: `from` broadcasts to it.
absl::StatusOr<Wiring> Repeated(const Operands& operands, const WholeShape& from,
                                const WholeShape& shape);

// Adds the node that is wired from `nodes`, side by side: one of them, a part of one, some parts
// joined, or a selection. `fill` is the value of units without a source.
RowNodeId AddWired(const Operands& operands, const std::vector<RowNodeId>& nodes,
                   const std::vector<std::int32_t>& units, double fill);

// Input `index`, a signal, a constant or a list, wired to a value of the same kind.
absl::StatusOr<OnnxValue> WiredAt(const Operands& operands, std::size_t index, const Wiring& wiring,
                                  double fill = 0.0);

// The same for input 0, as an operator's only result. Fails with `wiring`'s error if it has one.
absl::StatusOr<OnnxValues> Wired(const Operands& operands, const absl::StatusOr<Wiring>& wiring,
                                 double fill = 0.0);

// A constant as rows: repeated to `shape`, one row for each row of the input.
absl::StatusOr<RowNodeId> ConstantRows(const Operands& operands, std::size_t index,
                                       const WholeShape& shape);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_WIRING_H_
