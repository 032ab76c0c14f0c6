#include "model/formats/onnx_reader.h"

#include <onnx/onnx_pb.h>

#include <fstream>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx_operators.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

// Up to the newest ONNX release when this was written. The operators that are read mean the same in
// all of these; where one takes its axes as an attribute or as an input, both are read.
constexpr std::int64_t kOldestOpset = 9;
constexpr std::int64_t kNewestOpset = 25;

// A tensor's name goes back to clients with every answer.
constexpr std::size_t kLongestTensorName = 1024;

absl::Status CheckOpset(const onnx::ModelProto& model) {
  std::optional<std::int64_t> opset;
  for (const onnx::OperatorSetIdProto& import : model.opset_import()) {
    if (!import.domain().empty() && import.domain() != "ai.onnx") continue;
    if (opset.has_value() && *opset != import.version()) {
      return absl::InvalidArgumentError(absl::StrCat("the file has both operator set ", *opset,
                                                     " and ", import.version(), "; expected one"));
    }
    opset = import.version();
  }
  if (!opset.has_value()) {
    return absl::InvalidArgumentError("the file names no ONNX operator set; expected one");
  }
  if (*opset < kOldestOpset || *opset > kNewestOpset) {
    return absl::UnimplementedError(absl::StrCat("the file has operator set ", *opset,
                                                 "; supported are ", kOldestOpset, " to ",
                                                 kNewestOpset));
  }
  return absl::OkStatus();
}

// The network's input from the graph's, and a warning where it was taken in another way.
absl::StatusOr<TensorSpec> InputOf(const onnx::ValueInfoProto& value,
                                   std::vector<std::string>& warnings) {
  const std::string what = absl::StrCat("input ", Quote(value.name()));
  const onnx::TypeProto::Tensor& type = value.type().tensor_type();
  if (!value.type().has_tensor_type() || type.elem_type() != onnx::TensorProto::FLOAT) {
    return absl::UnimplementedError(
        absl::StrCat(what, " has elements of type ", type.elem_type(), "; supported is 1 (FLOAT)"));
  }
  if (!type.has_shape()) {
    return absl::UnimplementedError(absl::StrCat(what, " has no shape; expected [batch,features]"));
  }
  if (type.shape().dim_size() < 2) {
    return absl::UnimplementedError(absl::StrCat(what, " has ", type.shape().dim_size(),
                                                 " dimensions; expected [batch,features]"));
  }
  const onnx::TensorShapeProto::Dimension& batch = type.shape().dim(0);
  if (batch.has_dim_value() && batch.dim_value() != 1) {
    return absl::UnimplementedError(absl::StrCat(what, " has a batch of exactly ",
                                                 batch.dim_value(),
                                                 "; supported is a batch of any size, or of 1"));
  }
  if (batch.has_dim_value()) {
    warnings.push_back(absl::StrCat(what, " has a batch of exactly 1; it is taken as any"));
  }
  TensorSpec spec;
  spec.name = value.name();
  for (int i = 1; i < type.shape().dim_size(); ++i) {
    const onnx::TensorShapeProto::Dimension& dimension = type.shape().dim(i);
    if (!dimension.has_dim_value()) {
      return absl::UnimplementedError(absl::StrCat(what, " has no fixed size in dimension ", i,
                                                   "; supported is a dynamic batch only"));
    }
    spec.shape.push_back(dimension.dim_value());
  }
  if (spec.width() < 1 || spec.shape.size() > 8) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has rows of shape ", ShapeText(spec.shape), "; expected 1 to ",
                     Network::kMaxWidth, " values in at most 8 dimensions"));
  }
  return spec;
}

// The graph's tensors by their names, which the parsed file keeps.
class GraphValues {
 public:
  absl::Status Add(absl::string_view name, OnnxValue&& value) {
    if (values_.emplace(name, std::move(value)).second) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the tensor ", Quote(name), " is made twice; expected once"));
  }
  const OnnxValue* Find(absl::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }

 private:
  absl::flat_hash_map<absl::string_view, OnnxValue> values_;
};

absl::Status AddNode(const onnx::NodeProto& node, OnnxConversion& conversion, GraphValues& values) {
  std::vector<const OnnxValue*> inputs;
  for (const std::string& name : node.input()) {
    const OnnxValue* value = name.empty() ? nullptr : values.Find(name);
    if (value == nullptr && !name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(NodeText(node), " reads ", Quote(name), ", which nothing before it makes"));
    }
    inputs.push_back(value);
  }
  if (node.output_size() != 1) {
    return absl::UnimplementedError(
        absl::StrCat(NodeText(node), " has ", node.output_size(), " outputs; supported is one"));
  }
  if (node.output(0).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(NodeText(node), " has an output without a name; expected a name"));
  }
  if (values.Find(node.output(0)) != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(NodeText(node), " makes ", Quote(node.output(0)),
                     ", which is there already; expected a new name"));
  }
  absl::StatusOr<OnnxValue> value = ConvertNode(node, inputs, conversion);
  if (!value.ok()) return value.status();
  return values.Add(node.output(0), *std::move(value));
}

// The one input of the graph that is no initializer: files of IR version 3 list those too.
absl::StatusOr<const onnx::ValueInfoProto*> FindInput(const onnx::GraphProto& graph,
                                                      const GraphValues& values) {
  const onnx::ValueInfoProto* input = nullptr;
  for (const onnx::ValueInfoProto& candidate : graph.input()) {
    if (values.Find(candidate.name()) != nullptr) continue;
    if (input != nullptr) {
      return absl::UnimplementedError(absl::StrCat("the graph has the inputs ",
                                                   Quote(input->name()), " and ",
                                                   Quote(candidate.name()), "; supported is one"));
    }
    input = &candidate;
  }
  if (input == nullptr) return absl::InvalidArgumentError("the graph has no input; expected one");
  return input;
}

absl::Status CheckTensorName(const std::string& name) {
  if (name.empty() || name.size() > kLongestTensorName) {
    return absl::InvalidArgumentError(absl::StrCat("the name ", Quote(name), " has ", name.size(),
                                                   " bytes; expected 1 to ", kLongestTensorName));
  }
  // ONNX's schema does not check this, but the protocol's does: clients could not read one answer.
  if (!IsUtf8(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the name ", Quote(name), " is no UTF-8; expected UTF-8"));
  }
  return absl::OkStatus();
}

absl::StatusOr<ReadNetwork> Convert(const onnx::GraphProto& graph) {
  if (graph.sparse_initializer_size() > 0) {
    return absl::UnimplementedError("the graph has sparse initializers; supported are dense ones");
  }
  GraphValues values;
  for (const onnx::TensorProto& initializer : graph.initializer()) {
    if (auto status = values.Add(initializer.name(), OnnxConstant{&initializer}); !status.ok()) {
      return status;
    }
  }
  const absl::StatusOr<const onnx::ValueInfoProto*> graph_input = FindInput(graph, values);
  if (!graph_input.ok()) return graph_input.status();
  if (auto status = CheckTensorName((*graph_input)->name()); !status.ok()) return status;
  std::vector<std::string> warnings;
  absl::StatusOr<TensorSpec> input = InputOf(**graph_input, warnings);
  if (!input.ok()) return input.status();

  // A batch that is fixed is fixed to 1, or the input would have been refused.
  const bool batch_is_one = (*graph_input)->type().tensor_type().shape().dim(0).has_dim_value();
  OnnxConversion conversion{DenseChain(*std::move(input)), batch_is_one, {}, {}};
  if (auto status = values.Add((*graph_input)->name(), conversion.chain.Input()); !status.ok()) {
    return status;
  }
  for (const onnx::NodeProto& node : graph.node()) {
    if (auto status = AddNode(node, conversion, values); !status.ok()) return status;
  }

  std::vector<std::pair<std::string, Signal>> outputs;
  for (const onnx::ValueInfoProto& output : graph.output()) {
    if (auto status = CheckTensorName(output.name()); !status.ok()) return status;
    const OnnxValue* value = values.Find(output.name());
    if (value == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the output ", Quote(output.name()), " is made by no node"));
    }
    if (!std::holds_alternative<Signal>(*value)) {
      return absl::UnimplementedError(absl::StrCat("the output ", Quote(output.name()),
                                                   " is no result of the network's input"));
    }
    outputs.emplace_back(output.name(), std::get<Signal>(*value));
  }
  absl::StatusOr<Network> network = std::move(conversion.chain).Finish(outputs);
  if (!network.ok()) return network.status();
  return ReadNetwork{*std::move(network), std::move(warnings)};
}

}  // namespace

absl::StatusOr<ReadNetwork> ReadOnnx(absl::string_view model) {
  if (model.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file has ", model.size(), " bytes; expected less than 2 GiB"));
  }
  onnx::ModelProto parsed;
  if (!parsed.ParseFromArray(model.data(), static_cast<int>(model.size()))) {
    return absl::InvalidArgumentError("the file is no ONNX model, or a part of one only");
  }
  if (!parsed.has_graph()) {
    return absl::InvalidArgumentError("the file holds no graph; expected an ONNX model");
  }
  if (auto status = CheckOpset(parsed); !status.ok()) return status;
  return Convert(parsed.graph());
}

absl::StatusOr<ReadNetwork> ReadOnnxFile(const std::filesystem::path& file) {
  const std::string name = Quote(file.filename().string());
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    return absl::NotFoundError(absl::StrCat("there is no file ", name));
  }
  // A pipe or a device would keep the server waiting, or never end.
  if (!std::filesystem::is_regular_file(status)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is no regular file"));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return absl::PermissionDeniedError(absl::StrCat("the file ", name, " cannot be opened"));
  }
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error || size > static_cast<std::uintmax_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file ", name, " has ", size, " bytes; expected less than 2 GiB"));
  }
  std::string content(static_cast<std::size_t>(size), '\0');
  stream.read(content.data(), static_cast<std::streamsize>(size));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  absl::StatusOr<ReadNetwork> read = ReadOnnx(content);
  if (read.ok()) return read;
  return absl::Status(read.status().code(), absl::StrCat(name, ": ", read.status().message()));
}

}  // namespace mlp
