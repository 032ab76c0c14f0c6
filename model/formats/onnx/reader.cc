#include "model/formats/onnx/reader.h"

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
#include "model/formats/graph/network_builder.h"
#include "model/formats/io/external_data.h"
#include "model/formats/io/file_content.h"
#include "model/formats/onnx/graph.h"
#include "model/formats/onnx/inputs.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/outputs.h"
#include "model/formats/onnx/parsed_size.h"
#include "model/formats/onnx/values/sparse_constant.h"
#include "model/join_first.h"
#include "model/quote.h"
#include "model/uncounted_functions.h"

namespace mlp {
namespace {

// The newest is that of the newest ONNX release at the time of writing. The supported operators
// have the same meaning in all of these; where versions differ in taking axes as an attribute or an
// input, both are read.
constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 26;

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
    return absl::UnimplementedError(absl::StrCat(
        "the file has operator set ", *opset, "; supported are ", kOldestOpset, " to ",
        kNewestOpset, ", so export it with one of these (opset_version ", "or target_opset)"));
  }
  return *opset;
}

absl::StatusOr<ReadNetwork> Convert(const onnx::ModelProto& model, OnnxConversion conversion) {
  const onnx::GraphProto& graph = model.graph();
  OnnxScope scope;
  for (const onnx::TensorProto& initializer : graph.initializer()) {
    if (auto status = scope.Add(initializer.name(), OnnxConstant{&initializer}); !status.ok()) {
      return status;
    }
  }
  for (const onnx::SparseTensorProto& sparse : graph.sparse_initializer()) {
    absl::StatusOr<OnnxConstant> dense = DenseConstant(sparse, conversion);
    if (!dense.ok()) return dense.status();
    if (auto status = scope.Add(sparse.values().name(), *dense); !status.ok()) return status;
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
          absl::StrCat("the output ", Quote(output.name()),
                       " is computed by no node; expected a node that computes it"));
    }
    if (auto status = AddOutputs(output.name(), *value, conversion, outputs); !status.ok()) {
      return status;
    }
  }
  if (outputs.empty()) {
    return absl::UnimplementedError(
        absl::StrCat("the output ", Quote(graph.output(0).name()),
                     " is a constant, as are all outputs; supported is a model with at least one "
                     "that is computed from the network's input"));
  }
  absl::StatusOr<Vocabulary> vocabulary = Vocabulary::Create(std::move(conversion.words).Take());
  if (!vocabulary.ok()) return vocabulary.status();
  conversion.graph.vocabulary = *std::move(vocabulary);
  absl::StatusOr<Network> network = BuildNetwork(std::move(conversion.graph), std::move(outputs));
  if (!network.ok()) return network.status();
  if (conversion.warnings_left_out > 0) {
    conversion.warnings.push_back(
        absl::StrCat(conversion.warnings_left_out, " more warnings are left out"));
  }
  for (std::string& warning : WarnOfUncounted(*network)) {
    conversion.warnings.push_back(std::move(warning));
  }
  return ReadNetwork{*std::move(network), std::move(conversion.warnings)};
}

// Limit for the memory of all constants of a file: a small multiple of the file's size, plus enough
// for what a small file computes.
constexpr std::int64_t kBytesForEachByte = 8;
constexpr std::int64_t kBytesForAnyFile = std::int64_t{16} << 20;

// Limit for the row graph's nodes. A graph's own nodes take some dozen times the file's size; nodes
// of functions and of picked units take more.
constexpr std::int64_t kRowBytesForEachByte = 64;
constexpr std::int64_t kRowBytesForAnyFile = std::int64_t{32} << 20;

// The file's contents are in memory together with their parsed form, which is at least as large if
// the file is mostly weights.
constexpr std::int64_t kCopiesOfAFile = 2;

absl::Status NoModel() {
  return absl::InvalidArgumentError(
      "the file is not an ONNX model, or is truncated; expected a complete file from an exporter");
}

absl::StatusOr<ReadNetwork> ReadParsed(absl::string_view bytes, ExternalFolder* folder,
                                       std::int64_t most_bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError(absl::StrCat("the file has ", bytes.size(),
                                                   " bytes; expected less than 2 GiB, with larger ",
                                                   "weights as external data"));
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
                                         const ExternalData& external_data,
                                         std::int64_t most_bytes) {
  if (auto room = CheckMemory(kCopiesOfAFile * FileBytes(file), most_bytes); !room.ok()) {
    return room;
  }
  // Protobuf's limit is 2 GiB.
  const absl::StatusOr<std::string> content =
      ReadFileContent(file, std::numeric_limits<int>::max());
  if (!content.ok()) return content.status();
  absl::StatusOr<ExternalFolder> folder = ExternalFolder::Open(file.parent_path(), external_data);
  absl::StatusOr<ReadNetwork> read =
      ReadParsed(*content, folder.ok() && external_data.allowed ? &*folder : nullptr, most_bytes);
  if (read.ok()) return read;
  return absl::Status(read.status().code(),
                      absl::StrCat(Quote(file.filename().string()), ": ", read.status().message()));
}

}  // namespace mlp
