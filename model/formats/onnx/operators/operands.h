// A node with its inputs, which operators' functions take, and helpers for these functions.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERANDS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/formats/onnx/values/conversion.h"
#include "model/formats/onnx/values/value.h"

namespace mlp {

// The argument of an operator's function.
struct Operands {
  const onnx::NodeProto& node;
  absl::Span<const OnnxValue* const> inputs;
  OnnxConversion& conversion;

  const OnnxValue* At(std::size_t index) const {
    return index < inputs.size() ? inputs[index] : nullptr;
  }
};

// Operands with `value` as the only input, for the functions that read an input by its index.
// `value` and the operands' node and conversion must outlive this object.
class OnlyOperand final {
 public:
  OnlyOperand(const Operands& operands, const OnnxValue& value)
      : value_(&value), operands_{operands.node, {&value_, 1}, operands.conversion} {}
  OnlyOperand(const OnlyOperand&) = delete;
  OnlyOperand& operator=(const OnlyOperand&) = delete;

  const Operands& get() const { return operands_; }

 private:
  const OnnxValue* const value_;
  const Operands operands_;
};

using OnnxValues = std::vector<OnnxValue>;

inline constexpr char kMicrosoftDomain[] = "com.microsoft";  // ONNX Runtime's operators

// Each is UNIMPLEMENTED if input `index` is of another kind.
absl::StatusOr<Signal> SignalAt(const Operands& operands, std::size_t index);  // batch in front
absl::StatusOr<Signal> WholeSignalAt(const Operands& operands, std::size_t index);
absl::StatusOr<OnnxConstant> ConstantAt(const Operands& operands, std::size_t index);

// The same, but also accepts a constant with one row for each row of the input.
absl::StatusOr<OnnxConstant> AnyConstantAt(const Operands& operands, std::size_t index);

// A signal with floating-point elements.
absl::StatusOr<Signal> FloatSignalAt(const Operands& operands, std::size_t index);

// A signal of numbers, or of conditions.
absl::StatusOr<Signal> NumberSignalAt(const Operands& operands, std::size_t index);

// A signal whose rows have one dimension, which the operator requires.
absl::StatusOr<Signal> FlatSignalAt(const Operands& operands, std::size_t index);

// A list of integers, computed or constant.
absl::StatusOr<ShapeList> ShapeListAt(const Operands& operands, std::size_t index);

// Integers that are the attribute `name` in old operator sets and input `index` in new ones;
// nothing if the node has neither.
absl::StatusOr<std::optional<std::vector<std::int64_t>>> IntegersAt(const Operands& operands,
                                                                    std::size_t index,
                                                                    absl::string_view name);

// The labels at input `labels`, each replaced by the corresponding entry of the constant at input
// `table`.
absl::StatusOr<std::vector<OnnxValue>> LookUpLabels(const Operands& operands, std::size_t table,
                                                    std::size_t labels);

// A decision as the numbers that represent it, or as the words of its labels.
absl::StatusOr<Signal> SignalOfDecision(const Operands& operands, const Decision& decision);

// Gather of rows, constants and lists by constant indices.
absl::StatusOr<std::vector<OnnxValue>> GatherPicked(const Operands& operands);

// Whether input `index` has one row for each row of the network's input.
bool IsSignal(const Operands& operands, std::size_t index);

// The product of a row's dimensions. Network::kMaxWidth limits it.
std::int64_t WidthOf(const std::vector<std::int64_t>& row_shape);

// UNIMPLEMENTED unless `axis` is the units' axis. For signals whose rows have one dimension.
absl::Status CheckUnitsAxis(std::int64_t axis);

// A node of the row graph; messages about it name this node.
RowNode NewRowNode(const Operands& operands, RowOperation operation, std::int64_t width);

// Each adds a node: `function` of row nodes; `function` of a row node and a number; a constant.
RowNodeId AddElementwise(const Operands& operands, absl::string_view function,
                         std::vector<RowNodeId> arguments, std::vector<double> parameters,
                         std::int64_t width);
RowNodeId AddWithNumber(const Operands& operands, absl::string_view function, RowNodeId x,
                        double number, std::int64_t width);
RowNodeId AddConstant(const Operands& operands, std::vector<double> values);

// Each adds a node: the operation `detail`; an activation of whole rows, e.g. softmax; the `width`
// values of x from `first` on.
RowNodeId AddRowOperation(const Operands& operands, RowOperationDetail detail,
                          std::vector<RowNodeId> arguments, std::int64_t width);
RowNodeId AddRowFunction(const Operands& operands, ActivationKind kind, RowNodeId x,
                         std::int64_t width);
RowNodeId AddSlice(const Operands& operands, RowNodeId x, std::int64_t first, std::int64_t width);

// The same signal with another node.
OnnxValues WithNode(Signal signal, RowNodeId node);

inline OnnxValues SingleValue(OnnxValue value) {
  OnnxValues values;
  values.push_back(std::move(value));
  return values;
}

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERANDS_H_
