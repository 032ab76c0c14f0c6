#include "model/formats/onnx_reader.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/external_data.h"
#include "model/formats/file_content.h"
#include "model/formats/network_builder.h"
#include "model/formats/onnx_graph.h"
#include "model/formats/onnx_operands.h"
#include "model/formats/onnx_operators.h"
#include "model/formats/parsed_size.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

// Up to the newest ONNX release when this was written. The operators that are read mean the same in
// all of these; where one takes its axes as an attribute or as an input, both are read.
constexpr std::int64_t kOldestOpset = 9;
constexpr std::int64_t kNewestOpset = 26;

// A tensor's name goes back to clients with every answer.
constexpr std::size_t kLongestTensorName = 1024;

absl::StatusOr<std::int64_t> OpsetOf(const onnx::ModelProto& model) {
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
  return *opset;
}

// The batch that `shape` fixes; -1 where any may come. Exporters write that as a name, as nothing,
// or as -1 or 0.
std::int64_t BatchOf(const onnx::TensorShapeProto& shape) {
  const onnx::TensorShapeProto::Dimension& batch = shape.dim(0);
  return batch.has_dim_value() && batch.dim_value() > 0 ? batch.dim_value() : -1;
}

// One of the network's inputs from the graph's, and a warning where it was taken in another way.
absl::StatusOr<TensorSpec> InputOf(const onnx::ValueInfoProto& value, OnnxConversion& conversion) {
  const std::string what = absl::StrCat("input ", Quote(value.name()));
  const onnx::TypeProto::Tensor& type = value.type().tensor_type();
  const std::optional<Datatype> datatype = type.elem_type() == onnx::TensorProto::STRING
                                               ? Datatype::kBytes
                                               : DatatypeOf(type.elem_type());
  if (!value.type().has_tensor_type() || !datatype.has_value()) {
    return absl::UnimplementedError(absl::StrCat(what, " has elements of type ",
                                                 ElementTypeName(type.elem_type()),
                                                 "; supported are numbers and strings"));
  }
  if (!type.has_shape()) {
    return absl::UnimplementedError(absl::StrCat(what, " has no shape; expected [batch,features]"));
  }
  if (type.shape().dim_size() < 2) {
    return absl::UnimplementedError(absl::StrCat(what, " has ", type.shape().dim_size(),
                                                 " dimensions; expected [batch,features]"));
  }
  const std::int64_t batch = BatchOf(type.shape());
  if (batch > 1) {
    return absl::UnimplementedError(
        absl::StrCat(what, " has a batch of exactly ", batch,
                     "; supported is a batch of any size, or of 1, so export it with such a one"));
  }
  if (batch == 1) {
    conversion.Warn(absl::StrCat(what, " has a batch of exactly 1; it is taken as any"));
  }
  TensorSpec spec;
  spec.name = value.name();
  spec.datatype = *datatype;
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

// "'mask' [1,4], 'position' [1,2]" and how many more there are: the inputs for which `is_one` is
// `of_one`.
std::string NamesAndShapes(const std::vector<TensorSpec>& inputs, const std::vector<bool>& is_one,
                           bool of_one) {
  constexpr int kMostInputsNamed = 4;
  std::string text;
  int count = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (is_one[i] != of_one || ++count > kMostInputsNamed) continue;
    std::vector<std::int64_t> shape = inputs[i].shape;
    shape.insert(shape.begin(), of_one ? 1 : -1);
    absl::StrAppend(&text, count == 1 ? "" : ", ", Quote(inputs[i].name), " ", ShapeText(shape));
  }
  if (count > kMostInputsNamed) absl::StrAppend(&text, " and ", count - kMostInputsNamed, " more");
  return text;
}

// Adds the graph's inputs to the row graph and the scope. Files of IR version 3 list initializers
// among them too.
absl::Status AddInputs(const onnx::GraphProto& graph, OnnxConversion& conversion,
                       OnnxScope& scope) {
  std::vector<bool> is_one;  // for each input: whether its batch is 1, or else any
  for (const onnx::ValueInfoProto& candidate : graph.input()) {
    const OnnxValue* there = scope.Find(candidate.name());
    if (there != nullptr && std::holds_alternative<OnnxConstant>(*there)) continue;
    if (auto status = CheckTensorName(candidate.name()); !status.ok()) return status;
    absl::StatusOr<TensorSpec> input = InputOf(candidate, conversion);
    if (!input.ok()) return input.status();
    is_one.push_back(BatchOf(candidate.type().tensor_type().shape()) == 1);
    RowNode node;
    node.operation = RowOperation::kInput;
    node.first = static_cast<std::int64_t>(conversion.graph.inputs.size());
    node.width = input->width();
    node.text = absl::StrCat("input ", Quote(input->name));
    const Signal signal{conversion.graph.Add(std::move(node)), input->shape, input->datatype,
                        false};
    conversion.graph.inputs.push_back(*std::move(input));
    if (auto status = scope.Add(candidate.name(), signal); !status.ok()) return status;
  }
  if (conversion.graph.inputs.empty()) {
    return absl::InvalidArgumentError("the graph has no input; expected one");
  }
  const std::vector<TensorSpec>& inputs = conversion.graph.inputs;
  const auto ones = std::count(is_one.begin(), is_one.end(), true);
  conversion.batch_is_one = static_cast<std::size_t>(ones) == inputs.size();
  if (ones == 0 || conversion.batch_is_one) return absl::OkStatus();
  // One row beside any number of rows goes with all of them, like a constant.
  return absl::UnimplementedError(
      absl::StrCat("some inputs have a batch of exactly 1, ", NamesAndShapes(inputs, is_one, true),
                   ", and others of any, ", NamesAndShapes(inputs, is_one, false),
                   "; supported is the same for all, so export all with any"));
}

// Whether the node gives words that the network knows, and none of a request's own.
bool GivesWords(const RowGraph& graph, RowNodeId node) {
  const auto* lookup = std::get_if<Lookup>(&graph.At(node).detail);
  return lookup != nullptr && !lookup->otherwise.empty();
}

absl::StatusOr<RowGraphOutput> OutputOfSignal(const std::string& name, const Signal& signal,
                                              const RowGraph& graph) {
  if (signal.datatype == Datatype::kBytes && !GivesWords(graph, signal.node)) {
    return absl::UnimplementedError(
        absl::StrCat("the output ", Quote(name),
                     " gives strings of the input; supported are those of a LabelEncoder"));
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
    // A label that is shown as another number.
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
      absl::StrCat("the output ", Quote(name), " is no result of the network's input"));
}

// A sequence is served as one output for each of its tensors.
absl::Status AddOutputs(const std::string& name, const OnnxValue& value, OnnxConversion& conversion,
                        std::vector<RowGraphOutput>& outputs) {
  if (!std::holds_alternative<SignalSequence>(value)) {
    absl::StatusOr<RowGraphOutput> output = OutputOf(name, value, conversion);
    if (output.ok()) outputs.push_back(*std::move(output));
    return output.status();
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

absl::StatusOr<ReadNetwork> Convert(const onnx::ModelProto& model, OnnxConversion conversion) {
  const onnx::GraphProto& graph = model.graph();
  if (graph.sparse_initializer_size() > 0) {
    return absl::UnimplementedError("the graph has sparse initializers; supported are dense ones");
  }
  OnnxScope scope;
  for (const onnx::TensorProto& initializer : graph.initializer()) {
    if (auto status = scope.Add(initializer.name(), OnnxConstant{&initializer}); !status.ok()) {
      return status;
    }
  }
  if (auto status = AddInputs(graph, conversion, scope); !status.ok()) return status;
  OnnxGraph nodes(model, conversion);
  if (auto status = nodes.AddNodes(scope); !status.ok()) return status;

  if (graph.output().empty()) {
    return absl::InvalidArgumentError("the graph has no output; expected one");
  }
  std::vector<RowGraphOutput> outputs;
  for (const onnx::ValueInfoProto& output : graph.output()) {
    if (auto status = CheckTensorName(output.name()); !status.ok()) return status;
    const OnnxValue* value = scope.Find(output.name());
    if (value == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("the output ", Quote(output.name()), " is made by no node"));
    }
    if (auto status = AddOutputs(output.name(), *value, conversion, outputs); !status.ok()) {
      return status;
    }
  }
  absl::StatusOr<Vocabulary> vocabulary = Vocabulary::Create(std::move(conversion.words).Take());
  if (!vocabulary.ok()) return vocabulary.status();
  conversion.graph.vocabulary = *std::move(vocabulary);
  absl::StatusOr<Network> network = BuildNetwork(std::move(conversion.graph), std::move(outputs));
  if (!network.ok()) return network.status();
  if (conversion.warnings_left_out > 0) {
    conversion.warnings.push_back(
        absl::StrCat(conversion.warnings_left_out, " more warnings of the kind are left out"));
  }
  return ReadNetwork{*std::move(network), std::move(conversion.warnings)};
}

// What the constants of a file may take in memory, all in all: a small multiple of the file, and
// enough for what a small file computes.
constexpr std::int64_t kBytesForEachByte = 8;
constexpr std::int64_t kBytesForAnyFile = std::int64_t{16} << 20;

// What the nodes of the row graph may take: those of a graph's own nodes take some dozen times the
// file, and those of functions and of picked units more.
constexpr std::int64_t kRowBytesForEachByte = 64;
constexpr std::int64_t kRowBytesForAnyFile = std::int64_t{32} << 20;

// The file's bytes are held beside what is parsed of them, which takes as much at the least where
// the file is mostly weights.
constexpr std::int64_t kCopiesOfAFile = 2;

absl::Status NoModel() {
  return absl::InvalidArgumentError("the file is no ONNX model, or a part of one only");
}

absl::StatusOr<ReadNetwork> ReadParsed(absl::string_view bytes, ExternalFolder* folder,
                                       std::int64_t most_bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file has ", bytes.size(), " bytes; expected less than 2 GiB"));
  }
  const auto size = static_cast<std::int64_t>(bytes.size());
  const absl::StatusOr<std::int64_t> parsed =
      ParsedBytes(*onnx::ModelProto::descriptor(), bytes, most_bytes - size);
  if (!parsed.ok()) return NoModel();
  if (auto room = CheckMemory(size + *parsed, most_bytes); !room.ok()) return room;
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return NoModel();
  }
  if (!model.has_graph()) {
    return absl::InvalidArgumentError("the file holds no graph; expected an ONNX model");
  }
  const absl::StatusOr<std::int64_t> opset = OpsetOf(model);
  if (!opset.ok()) return opset.status();
  OnnxConversion conversion;
  conversion.limits.bytes_left = kBytesForAnyFile + kBytesForEachByte * size;
  conversion.row_bytes_left = kRowBytesForAnyFile + kRowBytesForEachByte * size;
  conversion.limits.folder = folder;
  conversion.limits.memory_used = size + *parsed;
  conversion.limits.most_memory = most_bytes;
  conversion.opset = *opset;
  for (const onnx::OperatorSetIdProto& import : model.opset_import()) {
    if (import.domain() == "ai.onnx.ml") conversion.ml_opset = import.version();
  }
  conversion.from_skl2onnx = model.producer_name() == "skl2onnx";
  return Convert(model, std::move(conversion));
}

}  // namespace

absl::StatusOr<ReadNetwork> ReadOnnx(absl::string_view model) {
  return ReadParsed(model, nullptr, kAnyMemory);
}

absl::StatusOr<ReadNetwork> ReadOnnxFile(const std::filesystem::path& file,
                                         ExternalData external_data, std::int64_t most_bytes) {
  if (auto room = CheckMemory(kCopiesOfAFile * FileBytes(file), most_bytes); !room.ok()) {
    return room;
  }
  // protobuf reads no more than 2 GiB.
  const absl::StatusOr<std::string> content =
      ReadFileContent(file, std::numeric_limits<int>::max());
  if (!content.ok()) return content.status();
  const bool allowed = external_data == ExternalData::kAllowed;
  absl::StatusOr<ExternalFolder> folder = ExternalFolder::Open(file.parent_path());
  absl::StatusOr<ReadNetwork> read =
      ReadParsed(*content, folder.ok() && allowed ? &*folder : nullptr, most_bytes);
  if (read.ok()) return read;
  return absl::Status(read.status().code(),
                      absl::StrCat(Quote(file.filename().string()), ": ", read.status().message()));
}

}  // namespace mlp
