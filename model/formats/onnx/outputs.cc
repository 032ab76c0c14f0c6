#include "model/formats/onnx/outputs.h"

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Whether the node only gives words that the network knows, never a request's strings.
bool GivesWords(const RowGraph& graph, RowNodeId node) {
  const auto* lookup = graph.At(node).As<Lookup>();
  return lookup != nullptr && !lookup->default_row.empty();
}

absl::StatusOr<RowGraphOutput> OutputOfSignal(const std::string& name, const Signal& signal,
                                              const RowGraph& graph) {
  if (signal.batch_axis != 0 || signal.folded) {
    return absl::UnimplementedError(absl::StrCat(
        "the output ", Quote(name), " has the shape ", TextOf(WholeShapeOf(signal)), " with ",
        signal.folded ? "several rows for each row of the network's input"
                      : absl::StrCat("the batch in dimension ", signal.batch_axis),
        "; supported is [batch,...], so reshape it"));
  }
  if (signal.datatype == Datatype::kBytes && !GivesWords(graph, signal.node)) {
    return absl::UnimplementedError(
        absl::StrCat("the output ", Quote(name),
                     " gives strings from the request; only strings from the file are supported, "
                     "for example those of a LabelEncoder"));
  }
  RowGraphOutput output;
  output.output.tensor = {name, signal.row_shape, signal.datatype};
  output.node = signal.node;
  return output;
}

absl::StatusOr<RowGraphOutput> OutputOfDecision(const std::string& name, const Decision& decision,
                                                OnnxConversion& conversion) {
  const bool of_words = decision.datatype == Datatype::kBytes;
  if (!of_words && decision.datatype != Datatype::kInt32 && decision.datatype != Datatype::kInt64) {
    // A label that is output as another type of number.
    onnx::NodeProto shown;
    shown.set_name(name);
    shown.set_op_type("Identity");
    const absl::StatusOr<Signal> signal = SignalOfDecision({shown, {}, conversion}, decision);
    if (!signal.ok()) return signal.status();
    return OutputOfSignal(name, *signal, conversion.graph);
  }
  RowGraphOutput output;
  output.node = decision.scores.node;
  output.output.tensor = {name, decision.row_shape, decision.datatype};
  output.output.kind = decision.kind;
  auto bytes = static_cast<std::int64_t>(decision.integer_labels->size() * sizeof(std::int64_t));
  for (const std::string& label : *decision.string_labels) {
    bytes += static_cast<std::int64_t>(sizeof(std::string) + label.size());
  }
  const std::string what = absl::StrCat("the labels of the output ", Quote(name));
  if (auto status = TakeBytes(what, bytes, conversion.limits); !status.ok()) return status;
  output.output.integer_labels = *decision.integer_labels;
  output.output.string_labels = *decision.string_labels;
  output.output.threshold = decision.threshold;
  return output;
}

absl::StatusOr<RowGraphOutput> OutputOf(const std::string& name, const OnnxValue& value,
                                        OnnxConversion& conversion) {
  if (std::holds_alternative<Signal>(value)) {
    return OutputOfSignal(name, std::get<Signal>(value), conversion.graph);
  }
  if (std::holds_alternative<Decision>(value)) {
    return OutputOfDecision(name, std::get<Decision>(value), conversion);
  }
  return absl::UnimplementedError(
      absl::StrCat("the output ", Quote(name),
                   " is computed from shapes only; supported are outputs that are computed from "
                   "the values of the network's input, so export the model without it"));
}

// A constant of one row is answered for each row; others are left out.
absl::Status AddConstantOutput(const std::string& name, const OnnxConstant& constant,
                               OnnxConversion& conversion, std::vector<RowGraphOutput>& outputs) {
  const std::vector<std::int64_t> dimensions = constant.Dimensions();
  const std::optional<Datatype> datatype = DatatypeOf(constant.tensor->data_type());
  const bool of_rows = !dimensions.empty() && dimensions[0] == 1 && dimensions.size() <= 8;
  const bool served = of_rows && datatype.has_value();
  conversion.Warn(absl::StrCat(
      "the output ", Quote(name), " is a constant; it is ",
      served ? "answered for each row" : "left out, because it cannot be answered for each row"));
  if (!served) return absl::OkStatus();
  absl::StatusOr<ConstantTensor<double>> numbers = ReadNumbers(constant, conversion.limits);
  if (!numbers.ok()) return numbers.status();
  if (IsLongInteger(*datatype)) {
    const std::string what = absl::StrCat("the output ", Quote(name));
    if (auto status = CheckExactInFp32(numbers->values, what); !status.ok()) return status;
  }
  RowGraphOutput output;
  output.output.tensor.name = name;
  output.output.tensor.shape.assign(dimensions.begin() + 1, dimensions.end());
  output.output.tensor.datatype = *datatype;
  RowNode node;
  node.operation = RowOperation::kConstant;
  node.width = static_cast<std::int64_t>(numbers->values.size());
  node.values = std::move(numbers->values);
  node.text = absl::StrCat("the output ", Quote(name));
  if (node.width < 1 || node.width > Network::kMaxWidth) {
    return absl::UnimplementedError(absl::StrCat("the output ", Quote(name), " has ",
                                                 CountText(node.width, "value"),
                                                 "; supported are 1 to ", Network::kMaxWidth));
  }
  output.node = conversion.graph.Add(std::move(node));
  outputs.push_back(std::move(output));
  return absl::OkStatus();
}

}  // namespace

absl::Status AddOutputs(const std::string& name, const OnnxValue& value, OnnxConversion& conversion,
                        std::vector<RowGraphOutput>& outputs) {
  if (const auto* constant = std::get_if<OnnxConstant>(&value)) {
    return AddConstantOutput(name, *constant, conversion, outputs);
  }
  if (!std::holds_alternative<SignalSequence>(value)) {
    absl::StatusOr<RowGraphOutput> output = OutputOf(name, value, conversion);
    if (!output.ok()) return output.status();
    outputs.push_back(*std::move(output));
    return absl::OkStatus();
  }
  const std::vector<Signal>& signals = std::get<SignalSequence>(value).signals;
  conversion.Warn(absl::StrCat("the output ", Quote(name), " is a sequence; its ", signals.size(),
                               " tensors are served as ", Quote(absl::StrCat(name, "_0")),
                               " and so on"));
  for (std::size_t i = 0; i < signals.size(); ++i) {
    absl::StatusOr<RowGraphOutput> output =
        OutputOfSignal(absl::StrCat(name, "_", i), signals[i], conversion.graph);
    if (!output.ok()) return output.status();
    outputs.push_back(*std::move(output));
  }
  return absl::OkStatus();
}

}  // namespace mlp
