#include "model/formats/onnx/inputs.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/free_features.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/join_first.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

constexpr std::size_t kLongestTensorName = 1024;

// The batch size that `shape` fixes, or -1 if it is free: exporters write a name, nothing, -1 or 0.
std::int64_t BatchOf(const onnx::TensorShapeProto& shape) {
  if (shape.dim_size() == 0) return 1;
  const onnx::TensorShapeProto::Dimension& batch = shape.dim(0);
  return batch.has_dim_value() && batch.dim_value() > 0 ? batch.dim_value() : -1;
}

// Adds the names that the graph's nodes, including those of inner graphs, read, and the names of
// its outputs.
void AddNamesRead(const onnx::GraphProto& graph, absl::flat_hash_set<absl::string_view>& names) {
  for (const onnx::NodeProto& node : graph.node()) {
    names.insert(node.input().begin(), node.input().end());
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) AddNamesRead(attribute.g(), names);
      for (const onnx::GraphProto& inner : attribute.graphs()) AddNamesRead(inner, names);
    }
  }
  for (const onnx::ValueInfoProto& output : graph.output()) names.insert(output.name());
}

// A possible input with its shape, in the order of the file.
struct GraphInput {
  const onnx::ValueInfoProto* value = nullptr;
  std::int64_t batch = -1;
  bool is_read = true;

  const onnx::TensorShapeProto& shape() const { return value->type().tensor_type().shape(); }
};

std::string InputText(const GraphInput& input) {
  return absl::StrCat("input ", Quote(input.value->name()));
}

std::optional<Datatype> InputDatatypeOf(const GraphInput& input) {
  const int type = input.value->type().tensor_type().elem_type();
  return type == onnx::TensorProto::STRING ? Datatype::kBytes : DatatypeOf(type);
}

absl::Status CheckType(const GraphInput& input) {
  const onnx::TypeProto& type = input.value->type();
  if (type.value_case() == onnx::TypeProto::VALUE_NOT_SET) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(input), " has no type; expected that of a tensor"));
  }
  if (!type.has_tensor_type()) {
    return absl::UnimplementedError(absl::StrCat(
        InputText(input), " is a sequence, a map or another value that is not a tensor; supported ",
        "are tensors of numbers and strings"));
  }
  if (!InputDatatypeOf(input).has_value()) {
    return absl::UnimplementedError(absl::StrCat(InputText(input), " has elements of type ",
                                                 ElementTypeName(type.tensor_type().elem_type()),
                                                 "; supported are numbers and strings"));
  }
  if (type.tensor_type().has_shape()) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      InputText(input),
      " has no shape; supported are inputs with a shape in the file, [batch,features]"));
}

// Checks a row's shape against our limits, which the file's author need not know.
absl::Status CheckRowShape(const std::string& what, const std::vector<std::int64_t>& shape) {
  constexpr std::size_t kMaxDimensions = 8;
  std::int64_t width = 1;
  bool fits = shape.size() <= kMaxDimensions;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) {
      return absl::InvalidArgumentError(absl::StrCat(what, " has rows of shape ", ShapeText(shape),
                                                     "; expected no size below 0"));
    }
    // Checking each dimension against the greatest width prevents the product from overflowing.
    fits = fits && dimension >= 1 && dimension <= Network::kMaxWidth;
    if (fits) width *= dimension;
    fits = fits && width <= Network::kMaxWidth;
  }
  if (fits) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat(what, " has rows of shape ", ShapeText(shape), "; supported are 1 to ",
                   Network::kMaxWidth, " values in at most ", kMaxDimensions, " dimensions"));
}

// Makes a network's input from one of the graph's.
absl::StatusOr<TensorSpec> SpecOf(const onnx::GraphProto& graph, const GraphInput& input) {
  const std::string what = InputText(input);
  const onnx::TensorShapeProto& shape = input.shape();
  if (shape.dim_size() == 0 || (shape.dim_size() == 1 && input.batch > 1)) {
    return absl::UnimplementedError(absl::StrCat(
        what, " has ", CountText(shape.dim_size(), "dimension"),
        shape.dim_size() == 0 ? "" : absl::StrCat(" of exactly ", input.batch),
        "; supported are [batch,features], and [batch] of any size, so export it with ",
        "rows (torch.zeros(1, features) as the example input)"));
  }
  TensorSpec spec;
  spec.name = input.value->name();
  spec.datatype = *InputDatatypeOf(input);
  for (int i = 1; i < shape.dim_size(); ++i) {
    const onnx::TensorShapeProto::Dimension& dimension = shape.dim(i);
    if (dimension.has_dim_value() && dimension.dim_value() != -1) {
      spec.shape.push_back(dimension.dim_value());
      continue;
    }
    // The first layer's weights determine what the exporter left free.
    const std::int64_t features =
        shape.dim_size() == 2 ? FeaturesOfWeights(graph, input.value->name()).value_or(0) : 0;
    if (features == 0) {
      return absl::UnimplementedError(absl::StrCat(
          what, " has no fixed size in dimension ", i,
          dimension.dim_param().empty() ? ""
                                        : absl::StrCat(" (", Quote(dimension.dim_param()), ")"),
          "; supported is any size in dimension 0 only, so export it with the batch dynamic and ",
          "the others fixed"));
    }
    spec.shape.push_back(features);
  }
  if (auto status = CheckRowShape(what, spec.shape); !status.ok()) return status;
  return spec;
}

// "'mask' [1,4], 'position' [1,2]" and the number of the others.
std::string NamesAndShapes(const std::vector<GraphInput>& inputs, bool (*is_named)(std::int64_t)) {
  constexpr std::size_t kMaxInputsNamed = 4;
  std::vector<std::string> named;
  for (const GraphInput& input : inputs) {
    if (!is_named(input.batch)) continue;
    std::vector<std::int64_t> shape;
    for (const auto& dimension : input.shape().dim()) {
      shape.push_back(dimension.has_dim_value() ? dimension.dim_value() : -1);
    }
    named.push_back(absl::StrCat(Quote(input.value->name()), " ", ShapeText(shape)));
  }
  return JoinFirst(std::move(named), kMaxInputsNamed, ", ");
}

// Exporters turn constants, and flags such as Keras' training, into inputs that nothing reads. A
// network's rows cannot hold them.
bool IsLeftOver(const GraphInput& input, bool any_free) {
  if (input.is_read) return false;
  const int rank = input.shape().dim_size();
  return rank == 0 || (rank == 1 && input.batch > 0) || (any_free && input.batch > 0);
}

absl::Status TakeBatch(const std::vector<GraphInput>& inputs, OnnxConversion& conversion) {
  std::int64_t fixed = -1;
  std::size_t count = 0;
  for (const GraphInput& input : inputs) {
    if (input.batch < 0) continue;
    ++count;
    if (fixed > 0 && input.batch != fixed) {
      return absl::UnimplementedError(absl::StrCat(
          "some inputs have a batch of exactly ", fixed, " and others of ", input.batch, ": ",
          NamesAndShapes(inputs, [](std::int64_t batch) { return batch > 0; }),
          "; supported is the same for all, so export all with a dynamic batch"));
    }
    fixed = input.batch;
  }
  if (fixed < 0) return absl::OkStatus();
  if (fixed > Network::kMaxWidth) {
    return absl::UnimplementedError(absl::StrCat("the inputs have a batch of exactly ", fixed,
                                                 "; supported are up to ", Network::kMaxWidth));
  }
  if (count == inputs.size()) {
    conversion.batch_is_one = fixed == 1;
    conversion.static_batch = fixed;
    for (const GraphInput& input : inputs) {
      conversion.Warn(absl::StrCat(InputText(input), " has a batch of exactly ", fixed,
                                   "; batches of any size are accepted"));
    }
    return absl::OkStatus();
  }
  if (fixed != 1) {
    return absl::UnimplementedError(
        absl::StrCat("some inputs have a batch of exactly ", fixed, ", ",
                     NamesAndShapes(inputs, [](std::int64_t batch) { return batch > 0; }),
                     ", and others of any, ",
                     NamesAndShapes(inputs, [](std::int64_t batch) { return batch < 0; }),
                     "; supported is the same for all, so export all with a dynamic batch"));
  }
  // An input of one row next to inputs of any number of rows applies to all of them, like a
  // constant.
  conversion.Warn(absl::StrCat(
      NamesAndShapes(inputs, [](std::int64_t batch) { return batch > 0; }),
      count == 1 ? " has" : " have", " a batch of exactly 1, but other inputs have any batch; ",
      "each row of a request must include one row of ", count == 1 ? "it" : "them"));
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTensorName(const std::string& name) {
  if (name.empty()) {
    return absl::InvalidArgumentError("an input or an output has no name; expected one");
  }
  if (name.size() > kLongestTensorName) {
    return absl::UnimplementedError(absl::StrCat("the name ", Quote(name), " has ", name.size(),
                                                 " bytes; supported are 1 to ",
                                                 kLongestTensorName));
  }
  // ONNX's schema does not check this, but the protocol's does: clients could read no answer with
  // such a name.
  if (!IsUtf8(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name ", Quote(name), " is not UTF-8; expected UTF-8"));
  }
  return absl::OkStatus();
}

absl::Status AddInputs(const onnx::GraphProto& graph, OnnxConversion& conversion,
                       OnnxScope& scope) {
  absl::flat_hash_set<absl::string_view> read;
  AddNamesRead(graph, read);
  std::vector<GraphInput> inputs;
  bool any_free = false;
  for (const onnx::ValueInfoProto& value : graph.input()) {
    const OnnxValue* existing = scope.Find(value.name());
    if (existing != nullptr && std::holds_alternative<OnnxConstant>(*existing)) continue;
    if (auto status = CheckTensorName(value.name()); !status.ok()) return status;
    GraphInput input{&value, BatchOf(value.type().tensor_type().shape()),
                     read.contains(value.name())};
    any_free = any_free || (input.batch < 0 && value.type().tensor_type().has_shape());
    inputs.push_back(input);
  }
  std::vector<GraphInput> taken;
  for (const GraphInput& input : inputs) {
    if (inputs.size() > 1 && IsLeftOver(input, any_free)) {
      conversion.Warn(
          absl::StrCat(InputText(input),
                       " is read by no node and does not have a row for each row of the "
                       "other inputs; it is left out, so requests do not include it"));
      continue;
    }
    if (auto status = CheckType(input); !status.ok()) return status;
    taken.push_back(input);
  }
  if (taken.empty()) {
    return absl::UnimplementedError(
        "the graph has no input, so every answer would be the same; supported are one or more");
  }
  for (const GraphInput& input : taken) {
    absl::StatusOr<TensorSpec> spec = SpecOf(graph, input);
    if (!spec.ok()) return spec.status();
    RowNode node;
    node.operation = RowOperation::kInput;
    node.first = static_cast<std::int64_t>(conversion.graph.inputs.size());
    node.width = spec->width();
    node.text = InputText(input);
    Signal signal;
    signal.node = conversion.graph.Add(std::move(node));
    signal.row_shape = spec->shape;
    signal.datatype = spec->datatype;
    conversion.graph.inputs.push_back(*std::move(spec));
    if (auto status = scope.Add(input.value->name(), std::move(signal)); !status.ok()) {
      return status;
    }
  }
  return TakeBatch(taken, conversion);
}

}  // namespace mlp
