// A node with its inputs, as an operator's function gets it, and what these functions share.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERANDS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERANDS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/formats/onnx/values/conversion.h"
#include "model/formats/onnx/values/value.h"

namespace mlp {

// A node with its inputs, as an operator's function gets it.
struct Operands {
  const onnx::NodeProto& node;
  absl::Span<const OnnxValue* const> inputs;
  OnnxConversion& conversion;

  const OnnxValue* At(std::size_t index) const {
    return index < inputs.size() ? inputs[index] : nullptr;
  }
};

using OnnxValues = std::vector<OnnxValue>;

inline constexpr char kMicrosoftDomain[] = "com.microsoft";  // ONNX Runtime's own operators

// Each is UNIMPLEMENTED where input `index` is something else.
absl::StatusOr<Signal> SignalAt(const Operands& operands, std::size_t index);  // batch in front
absl::StatusOr<Signal> WholeSignalAt(const Operands& operands, std::size_t index);
absl::StatusOr<OnnxConstant> ConstantAt(const Operands& operands, std::size_t index);

// The same, also for a constant that has a row for each row of the input.
absl::StatusOr<OnnxConstant> AnyConstantAt(const Operands& operands, std::size_t index);

// A signal of floating-point elements.
absl::StatusOr<Signal> FloatSignalAt(const Operands& operands, std::size_t index);

// A signal of numbers, or of conditions.
absl::StatusOr<Signal> NumberSignalAt(const Operands& operands, std::size_t index);

// A signal whose rows have one dimension; `what` needs that.
absl::StatusOr<Signal> FlatSignalAt(const Operands& operands, std::size_t index);

// Whether what is known while the file is read, a constant or a list that is computed from shapes,
// has integers. REQUIRES: input `index` is one of both.
bool IsIntegerAt(const Operands& operands, std::size_t index);

// A list of integers, computed or constant.
absl::StatusOr<ShapeList> ShapeListAt(const Operands& operands, std::size_t index);

// The labels at input `labels`, each replaced by what stands at its place in the constant at input
// `table`.
absl::StatusOr<std::vector<OnnxValue>> LookUpLabels(const Operands& operands, std::size_t table,
                                                    std::size_t labels);

// A decision as the numbers that it stands for, or as the words of its labels.
absl::StatusOr<Signal> SignalOfDecision(const Operands& operands, const Decision& decision);

// Gather of rows, constants and lists by constant indices.
absl::StatusOr<std::vector<OnnxValue>> GatherPicked(const Operands& operands);

// Whether input `index` has a row for each row of the input.
bool IsSignal(const Operands& operands, std::size_t index);

// The product of a row's dimensions; these are bounded by the network's greatest width.
std::int64_t WidthOf(const std::vector<std::int64_t>& row_shape);

// INVALID_ARGUMENT unless `axis` of `signal`, whose rows have one dimension, is that of the units.
absl::Status CheckUnitsAxis(std::int64_t axis);

// A node of the row graph that carries this node's name into messages.
RowNode NewRowNode(const Operands& operands, RowOperation operation, std::int64_t width);

// `function` of row nodes; of one and a number; and a constant.
RowNodeId AddElementwise(const Operands& operands, absl::string_view function,
                         std::vector<RowNodeId> arguments, std::vector<double> parameters,
                         std::int64_t width);
RowNodeId AddWithNumber(const Operands& operands, absl::string_view function, RowNodeId x,
                        double number, std::int64_t width);
RowNodeId AddConstant(const Operands& operands, std::vector<double> values);

// A node that does `detail`; one that is an activation of whole rows, as softmax is; and one of the
// `width` values of x from `first` on.
RowNodeId AddRowOperation(const Operands& operands, RowOperationDetail detail,
                          std::vector<RowNodeId> arguments, std::int64_t width);
RowNodeId AddRowFunction(const Operands& operands, ActivationKind kind, RowNodeId x,
                         std::int64_t width);
RowNodeId AddSlice(const Operands& operands, RowNodeId x, std::int64_t first, std::int64_t width);

// The same signal with another node.
OnnxValues Replaced(Signal signal, RowNodeId node);

inline OnnxValues One(OnnxValue value) {
  OnnxValues values;
  values.push_back(std::move(value));
  return values;
}

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_OPERANDS_H_
