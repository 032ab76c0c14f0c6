#include "model/formats/onnx/operators/convert_node.h"

#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/moved_batch.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/shape_arithmetic.h"
#include "model/formats/onnx/operators/unsupported_operators.h"
#include "model/quote.h"

namespace mlp {
namespace {

using OperatorKey = std::pair<absl::string_view, absl::string_view>;  // domain and name

const absl::flat_hash_map<OperatorKey, const OnnxOperator*>& Operators() {
  static const auto* const operators = [] {
    auto* all = new absl::flat_hash_map<OperatorKey, const OnnxOperator*>;
    for (const auto* family : {&LayerOperators(),
                               &RowOperators(),
                               &ShapeOperators(),
                               &PartOperators(),
                               &LabelOperators(),
                               &ElementwiseOperators(),
                               &ReduceOperators(),
                               &NormOperators(),
                               &ChannelOperators(),
                               &SoftmaxOperators(),
                               &CumulativeOperators(),
                               &QuantizeOperators(),
                               &QuantizedLayerOperators(),
                               &DynamicQuantizeOperators(),
                               &BitWeightOperators(),
                               &CastOperators(),
                               &CategoryOperators(),
                               &LabelEncoderOperators(),
                               &LinearOperators(),
                               &OrderOperators(),
                               &WiringOperators(),
                               &GatherOperators(),
                               &ConcatOperators(),
                               &ProductOperators(),
                               &ConstantOperators(),
                               &ConvolutionOperators(),
                               &SliceOperators(),
                               &PoolingOperators(),
                               &PadOperators()}) {
      for (const OnnxOperator& entry : *family) {
        all->emplace(OperatorKey(entry.domain, entry.name), &entry);
      }
    }
    return all;
  }();
  return *operators;
}

// Converts decisions to signals for operators that compute with them.
absl::StatusOr<OnnxValues> ConvertWithSignals(const OnnxOperator& entry, const Operands& operands) {
  std::vector<const OnnxValue*> inputs(operands.inputs.begin(), operands.inputs.end());
  std::deque<OnnxValue> signals;
  for (const OnnxValue*& input : inputs) {
    if (input == nullptr || !std::holds_alternative<Decision>(*input)) continue;
    absl::StatusOr<Signal> signal = SignalOfDecision(operands, std::get<Decision>(*input));
    if (!signal.ok()) return signal.status();
    input = &signals.emplace_back(*std::move(signal));
  }
  return ConvertWithBatchInFront(entry, {operands.node, inputs, operands.conversion});
}

absl::StatusOr<OnnxValues> ConvertUnnamed(const onnx::NodeProto& node,
                                          absl::Span<const OnnxValue* const> inputs,
                                          OnnxConversion& conversion) {
  const absl::string_view domain =
      node.domain() == "ai.onnx" ? absl::string_view() : absl::string_view(node.domain());
  if (auto folded = FoldShapes({node, inputs, conversion})) return *std::move(folded);
  const auto found = Operators().find(OperatorKey(domain, node.op_type()));
  if (found == Operators().end()) return UnsupportedOperator(domain, node.op_type());
  const OnnxOperator& entry = *found->second;
  if (auto status = CheckAttributes(node, entry.attributes); !status.ok()) return status;
  if (node.input_size() < entry.fewest_inputs || node.input_size() > entry.most_inputs) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it has ", CountText(node.input_size(), "input"), "; expected ", entry.fewest_inputs,
        entry.most_inputs > entry.fewest_inputs ? absl::StrCat(" to ", entry.most_inputs) : ""));
  }
  if (entry.takes_decisions) return ConvertWithBatchInFront(entry, {node, inputs, conversion});
  return ConvertWithSignals(entry, {node, inputs, conversion});
}

}  // namespace

void OnnxConversion::Warn(std::string warning) {
  constexpr std::size_t kMaxWarnings = 64;
  if (warnings.size() < kMaxWarnings) {
    warnings.push_back(std::move(warning));
  } else {
    ++warnings_left_out;
  }
}

absl::StatusOr<std::vector<OnnxValue>> ConvertNode(const onnx::NodeProto& node,
                                                   absl::Span<const OnnxValue* const> inputs,
                                                   OnnxConversion& conversion) {
  const std::size_t row_nodes = conversion.graph.nodes.size();
  absl::StatusOr<OnnxValues> values = ConvertUnnamed(node, inputs, conversion);
  absl::Status status = values.status();
  if (values.ok()) status = CheckIntegersOfRows({node, inputs, conversion}, *values, row_nodes);
  if (status.ok()) return values;
  return absl::Status(status.code(), absl::StrCat(NodeText(node), ": ", status.message()));
}

std::string NodeText(const onnx::NodeProto& node) {
  // Many exporters do not name nodes, but outputs always have names.
  const bool named = !node.name().empty() || node.output().empty();
  return absl::StrCat(named ? "node " : "the node of ", Quote(named ? node.name() : node.output(0)),
                      " of type ", Quote(node.op_type()));
}

}  // namespace mlp
