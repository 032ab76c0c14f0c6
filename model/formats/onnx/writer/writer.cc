#include "model/formats/onnx/writer/writer.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/writer/graph_writer.h"
#include "model/formats/onnx/writer/layer_writer.h"
#include "model/quote.h"

namespace mlp {
namespace {

// The newest versions of the file's structure and of the operators that ONNX Runtime's releases of
// several years can read.
constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOpset = 17;

constexpr std::int64_t kMlOpset = 3;
constexpr std::int64_t kContribOpset = 1;  // of ONNX Runtime's domain

constexpr char kBatch[] = "batch";

void SetTensor(onnx::ValueInfoProto& value, const TensorSpec& tensor) {
  value.set_name(tensor.name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(OnnxTypeOf(tensor.datatype));
  type.mutable_shape()->add_dim()->set_dim_param(kBatch);
  for (const std::int64_t dimension : tensor.shape) {
    type.mutable_shape()->add_dim()->set_dim_value(dimension);
  }
}

// Writes a network's parts in order; each gives tensors that later parts read.
class NetworkWriter final {
 public:
  NetworkWriter(const Network& network, onnx::GraphProto& graph)
      : network_(network), graph_(graph), writer_(graph) {
    for (const TensorSpec& input : network.inputs()) writer_.Reserve(input.name);
    for (const NetworkOutput& output : network.outputs()) writer_.Reserve(output.tensor.name);
  }

  absl::Status WriteInput(const TensorSpec& input) {
    if (input.shape.empty()) {
      return absl::UnimplementedError(
          absl::StrCat("input ", Quote(input.name),
                       " has rows without a dimension, which this server cannot read from ONNX"));
    }
    SetTensor(*graph_.add_input(), input);
    std::string x = input.name;
    if (input.shape.size() > 1) {
      x = writer_.AddStep("Flatten", {x}, "flat");
      SetInteger(writer_.last(), "axis", 1);
    }
    if (input.datatype == Datatype::kBytes) {
      x = PositionsOfWords(x);
    } else if (input.datatype == Datatype::kBool) {
      x = writer_.FromCondition(x, absl::StrCat(x, "_cast"));
    } else if (input.datatype != Datatype::kFp32) {
      x = Cast(x, Datatype::kFp32);
    }
    inputs_.push_back(std::move(x));
    return absl::OkStatus();
  }

  absl::Status WriteLayer(const Layer& layer) {
    std::vector<std::string> sources;
    const bool may_be_constant = TakesConstants(layer);
    for (const Source& source : layer.sources) {
      sources.push_back(Part(source, may_be_constant));
    }
    absl::StatusOr<std::string> z = WriteCombination(layer, sources, writer_);
    if (!z.ok()) return z.status();
    const bool identity = layer.activation.kind == ActivationKind::kIdentity;
    const bool constant = layer.combination() == Combination::kConstant;
    // Only element-wise operators accept a constant without rows.
    if (constant && !identity) z = ForEachRow(*z, layer.units);
    absl::StatusOr<std::string> a = WriteActivation(layer, *z, writer_);
    if (!a.ok()) return a.status();
    if (constant && identity) constants_[*z] = "";
    layers_.push_back({*std::move(z), *std::move(a)});
    return absl::OkStatus();
  }

  void WriteOutput(const NetworkOutput& output) {
    const std::int64_t width = network_.WidthOf(output);
    std::string value = Rows(ValueAt(output.layer, output.tap), width);
    std::vector<std::int64_t> shape = {width};
    if (output.kind == OutputKind::kLabel) {
      value = Label(output, value);
      shape.clear();
    } else if (output.kind == OutputKind::kDecisions) {
      value = Decisions(output, value);
    } else if (output.tensor.datatype == Datatype::kBytes) {
      value = WordsAt(value);
    } else if (output.tensor.datatype != Datatype::kFp32) {
      value = Cast(value, output.tensor.datatype);
    }
    if (output.tensor.shape == shape) {
      writer_.AddNode("Identity", {value}, output.tensor.name);
    } else {
      std::vector<std::int64_t> target = {-1};
      target.insert(target.end(), output.tensor.shape.begin(), output.tensor.shape.end());
      const std::string dimensions = writer_.AddIntegers("dimensions", target);
      writer_.AddNode("Reshape", {value, dimensions}, output.tensor.name);
    }
    SetTensor(*graph_.add_output(), output.tensor);
  }

  const std::set<std::string>& domains() const { return writer_.domains(); }

 private:
  std::string Cast(const std::string& value, Datatype datatype) {
    std::string cast = writer_.AddStep("Cast", {value}, absl::StrCat(value, "_cast"));
    SetInteger(writer_.last(), "to", OnnxTypeOf(datatype));
    return cast;
  }

  // Converts strings to their positions in the network's vocabulary, and back.
  std::string PositionsOfWords(const std::string& strings) {
    std::string positions = writer_.AddStep("LabelEncoder", {strings}, "positions");
    const std::vector<std::string>& words = network_.vocabulary().words();
    std::vector<float> places(words.size());
    std::iota(places.begin(), places.end(), 0.0F);
    SetStrings(writer_.last(), "keys_strings", words);
    SetFloats(writer_.last(), "values_floats", places);
    SetFloat(writer_.last(), "default_float", static_cast<float>(Vocabulary::kUnknown));
    writer_.MakeLastMl();
    return positions;
  }

  std::string WordsAt(const std::string& positions) {
    const std::string places = Cast(positions, Datatype::kInt64);
    std::string strings = writer_.AddStep("LabelEncoder", {places}, "strings");
    const std::vector<std::string>& words = network_.vocabulary().words();
    std::vector<std::int64_t> keys(words.size());
    std::iota(keys.begin(), keys.end(), std::int64_t{0});
    SetIntegers(writer_.last(), "keys_int64s", keys);
    SetStrings(writer_.last(), "values_strings", words);
    writer_.MakeLastMl();
    return strings;
  }

  const std::string& ValueAt(std::int64_t layer, Tap tap) const {
    const OnnxLayerTensors& tensors = layers_[static_cast<std::size_t>(layer)];
    return tap == Tap::kPreActivation ? tensors.z : tensors.a;
  }

  // Whether the layer may read constants as [units], because ONNX broadcasts them to rows.
  bool TakesConstants(const Layer& layer) const {
    if (layer.combination() != Combination::kFunction) return false;
    // PRelu's operands do not broadcast both ways.
    if (std::get<UnitFunction>(layer.operation).function->name == "PRelu") return false;
    return std::any_of(layer.sources.begin(), layer.sources.end(), [&](const Source& source) {
      return source.is_input() || constants_.count(ValueAt(source.layer, source.tap)) == 0;
    });
  }

  // A constant [units], repeated for each row of the input.
  std::string ForEachRow(const std::string& constant, std::int64_t units) {
    if (batch_.empty()) {
      const std::string shape =
          writer_.AddStep("Shape", {network_.inputs()[0].name}, "input_shape");
      batch_ = writer_.AddStep("Gather", {shape, writer_.AddIntegers("batch_axis", {0})}, "rows");
      SetInteger(writer_.last(), "axis", 0);
    }
    const std::string shape = writer_.AddStep(
        "Concat", {batch_, writer_.AddIntegers(absl::StrCat(constant, "_width"), {units})},
        absl::StrCat(constant, "_shape"));
    SetInteger(writer_.last(), "axis", 0);
    return writer_.AddStep("Expand", {constant, shape}, absl::StrCat(constant, "_rows"));
  }

  // `value` with one row for each row of the input; repeats constants.
  std::string Rows(const std::string& value, std::int64_t units) {
    const auto constant = constants_.find(value);
    if (constant == constants_.end()) return value;
    if (constant->second.empty()) constant->second = ForEachRow(value, units);
    return constant->second;
  }

  // The units that a source reads.
  std::string Part(const Source& source, bool may_be_constant) {
    if (source.is_input()) {
      const auto input = static_cast<std::size_t>(source.input());
      const std::string& x = inputs_[input];
      return source.width == network_.inputs()[input].width() ? x : Slice(x, source);
    }
    const std::int64_t width =
        network_.layers()[static_cast<std::size_t>(source.layer)].WidthAt(source.tap);
    const std::string& made = ValueAt(source.layer, source.tap);
    const bool whole = source.width == width;
    const std::string x = whole && may_be_constant ? made : Rows(made, width);
    return whole ? x : Slice(x, source);
  }

  std::string Slice(const std::string& x, const Source& source) {
    const std::string name = absl::StrCat(x, "_part");
    return writer_.AddStep(
        "Slice",
        {x, writer_.AddIntegers(absl::StrCat(name, "_begin"), {source.first}),
         writer_.AddIntegers(absl::StrCat(name, "_end"), {source.first + source.width}),
         writer_.AddIntegers(absl::StrCat(name, "_axis"), {1})},
        name);
  }

  // One label for each row, without a further dimension.
  std::string Label(const NetworkOutput& output, const std::string& scores) {
    std::string label = writer_.AddStep("ArgMax", {scores}, "greatest");
    SetInteger(writer_.last(), "axis", 1);
    SetInteger(writer_.last(), "keepdims", 0);
    label = writer_.AddStep("LabelEncoder", {label}, "label");
    std::vector<std::int64_t> positions(static_cast<std::size_t>(network_.WidthOf(output)));
    std::iota(positions.begin(), positions.end(), 0);
    SetIntegers(writer_.last(), "keys_int64s", positions);
    if (output.tensor.datatype == Datatype::kBytes) {
      SetStrings(writer_.last(), "values_strings", output.string_labels);
    } else {
      SetIntegers(writer_.last(), "values_int64s", output.integer_labels);
    }
    writer_.MakeLastMl();
    return output.tensor.datatype == Datatype::kInt32 ? Cast(label, Datatype::kInt32) : label;
  }

  std::string Decisions(const NetworkOutput& output, const std::string& scores) {
    const std::string decisions = writer_.AddStep("Binarizer", {scores}, "decisions");
    SetFloat(writer_.last(), "threshold", output.threshold);
    writer_.MakeLastMl();
    return Cast(decisions, output.tensor.datatype);
  }

  const Network& network_;
  onnx::GraphProto& graph_;
  OnnxGraphWriter writer_;
  std::vector<std::string> inputs_;  // flat, in FP32
  std::vector<OnnxLayerTensors> layers_;
  std::string batch_;                             // number of rows of the input, once needed
  std::map<std::string, std::string> constants_;  // mapped to their repeated rows, once needed
};

}  // namespace

absl::StatusOr<std::string> WriteOnnx(const Network& network) {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("mlpserve");
  model.add_opset_import()->set_version(kOpset);
  model.mutable_graph()->set_name("network");
  NetworkWriter writer(network, *model.mutable_graph());
  for (const TensorSpec& input : network.inputs()) {
    if (auto status = writer.WriteInput(input); !status.ok()) return status;
  }
  for (const Layer& layer : network.layers()) {
    if (auto status = writer.WriteLayer(layer); !status.ok()) return status;
  }
  for (const NetworkOutput& output : network.outputs()) writer.WriteOutput(output);
  for (const std::string& domain : writer.domains()) {
    onnx::OperatorSetIdProto& import = *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(domain == kOnnxMlDomain ? kMlOpset : kContribOpset);
  }
  if (model.ByteSizeLong() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return absl::UnimplementedError(
        absl::StrCat("the network needs ", model.ByteSizeLong(),
                     " bytes as ONNX; supported are less than 2 GiB, so keep the native format"));
  }
  return model.SerializeAsString();
}

}  // namespace mlp
