#include "model/formats/onnx_writer.h"

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// The newest version of the file's own structure, and of the operators, that ONNX Runtime's
// releases of several years read.
constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOpset = 17;

constexpr char kBatch[] = "batch";

// Adds nodes to a graph, whose tensors have names of their own unless an output is called so too.
class GraphWriter final {
 public:
  GraphWriter(const Network& network, onnx::GraphProto& graph) : graph_(graph) {
    taken_.insert(network.input().name);
    for (const NetworkOutput& output : network.outputs()) taken_.insert(output.tensor.name);
  }

  // `name`, or a longer one where that is taken.
  std::string NewName(std::string name) {
    while (!taken_.insert(name).second) name += "_";
    return name;
  }

  std::string AddFloats(const std::string& name, const std::vector<std::int64_t>& dimensions,
                        const std::vector<float>& values) {
    return AddTensor(name, dimensions, onnx::TensorProto::FLOAT, values.data(),
                     values.size() * sizeof(float));
  }

  std::string AddIntegers(const std::string& name, const std::vector<std::int64_t>& values) {
    return AddTensor(name, {static_cast<std::int64_t>(values.size())}, onnx::TensorProto::INT64,
                     values.data(), values.size() * sizeof(std::int64_t));
  }

  onnx::NodeProto& AddNode(const std::string& operation, const std::vector<std::string>& inputs,
                           const std::string& output) {
    onnx::NodeProto& node = *graph_.add_node();
    node.set_op_type(operation);
    node.set_name(output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

 private:
  std::string AddTensor(const std::string& name, const std::vector<std::int64_t>& dimensions,
                        onnx::TensorProto_DataType type, const void* data, std::size_t bytes) {
    onnx::TensorProto& tensor = *graph_.add_initializer();
    tensor.set_name(NewName(name));
    tensor.set_data_type(type);
    for (const std::int64_t dimension : dimensions) tensor.add_dims(dimension);
    tensor.set_raw_data(data, bytes);
    return tensor.name();
  }

  onnx::GraphProto& graph_;
  absl::flat_hash_set<std::string> taken_;
};

void SetFloat(onnx::NodeProto& node, const std::string& name, float value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}

void SetInteger(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void SetTensor(onnx::ValueInfoProto& value, const TensorSpec& tensor) {
  value.set_name(tensor.name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param(kBatch);
  for (const std::int64_t dimension : tensor.shape) {
    type.mutable_shape()->add_dim()->set_dim_value(dimension);
  }
}

// How an activation that is one operator is written: its parameters are the operator's attributes.
struct ActivationOperator {
  ActivationKind kind;
  const char* operation;
};

constexpr ActivationOperator kActivationOperators[] = {
    {ActivationKind::kRelu, "Relu"},
    {ActivationKind::kLeakyRelu, "LeakyRelu"},
    {ActivationKind::kThresholdedRelu, "ThresholdedRelu"},
    {ActivationKind::kHardSigmoid, "HardSigmoid"},
    {ActivationKind::kHardSwish, "HardSwish"},
    {ActivationKind::kSigmoid, "Sigmoid"},
    {ActivationKind::kTanh, "Tanh"},
    {ActivationKind::kSoftsign, "Softsign"},
    {ActivationKind::kElu, "Elu"},
    {ActivationKind::kSelu, "Selu"},
    {ActivationKind::kCelu, "Celu"},
    {ActivationKind::kExponential, "Exp"},
    {ActivationKind::kSoftmax, "Softmax"},
    {ActivationKind::kLogSoftmax, "LogSoftmax"},
};

// f(z) as a tensor of its own; `z` itself for the identity.
absl::StatusOr<std::string> AddActivation(const DenseLayer& layer, const std::string& z,
                                          GraphWriter& writer) {
  const Activation& activation = layer.activation;
  if (activation.kind == ActivationKind::kIdentity) return z;
  const std::string a = writer.NewName(layer.name);
  const ActivationInfo& info = InfoOf(activation.kind);
  if (activation.kind == ActivationKind::kPrelu) {
    const std::string slopes = writer.AddFloats(
        absl::StrCat(layer.name, "_slopes"),
        {static_cast<std::int64_t>(activation.unit_alpha.size())}, activation.unit_alpha);
    writer.AddNode("PRelu", {z, slopes}, a);
    return a;
  }
  for (const ActivationOperator& known : kActivationOperators) {
    if (known.kind != activation.kind) continue;
    onnx::NodeProto& node = writer.AddNode(known.operation, {z}, a);
    for (std::size_t i = 0; i < info.parameters.size(); ++i) {
      SetFloat(node, std::string(info.parameters[i].name), activation.parameters[i]);
    }
    if (!info.elementwise) SetInteger(node, "axis", -1);
    return a;
  }
  return absl::UnimplementedError(
      absl::StrCat("layer '", layer.name, "' has the activation ", info.name,
                   ", which is not written as ONNX; the native format holds it"));
}

// What a layer's two taps are called.
struct LayerTensors {
  std::string z;
  std::string a;
};

void AddOutput(const NetworkOutput& output, const LayerTensors& layer, std::int64_t units,
               GraphWriter& writer) {
  const std::string& source = output.tap == Tap::kPreActivation ? layer.z : layer.a;
  const std::vector<std::int64_t>& shape = output.tensor.shape;
  if (shape == std::vector<std::int64_t>{units}) {
    writer.AddNode("Identity", {source}, output.tensor.name);
    return;
  }
  std::vector<std::int64_t> target = {-1};
  target.insert(target.end(), shape.begin(), shape.end());
  const std::string dimensions = writer.AddIntegers("dimensions", target);
  writer.AddNode("Reshape", {source, dimensions}, output.tensor.name);
}

}  // namespace

absl::StatusOr<std::string> WriteOnnx(const Network& network) {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("mlpserve");
  model.add_opset_import()->set_version(kOpset);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("network");
  const TensorSpec& input = network.input();
  if (input.shape.empty()) {
    return absl::UnimplementedError(absl::StrCat("input ", Quote(input.name),
                                                 " has rows without a dimension, which no ONNX ",
                                                 "file that is read here has"));
  }
  SetTensor(*graph.add_input(), input);

  GraphWriter writer(network, graph);
  std::string x = input.name;
  if (input.shape.size() > 1) {
    x = writer.NewName("flat");
    SetInteger(writer.AddNode("Flatten", {input.name}, x), "axis", 1);
  }
  std::vector<LayerTensors> tensors;
  for (const DenseLayer& layer : network.layers()) {
    const std::string weights = writer.AddFloats(absl::StrCat(layer.name, "_weights"),
                                                 {layer.inputs, layer.units}, layer.weights);
    const std::string bias =
        writer.AddFloats(absl::StrCat(layer.name, "_bias"), {layer.units}, layer.bias);
    const std::string z = writer.NewName(absl::StrCat(layer.name, "_z"));
    writer.AddNode("Gemm", {x, weights, bias}, z);
    absl::StatusOr<std::string> a = AddActivation(layer, z, writer);
    if (!a.ok()) return a.status();
    x = *a;
    tensors.push_back({z, *std::move(a)});
  }
  for (const NetworkOutput& output : network.outputs()) {
    const auto layer = static_cast<std::size_t>(output.layer);
    AddOutput(output, tensors[layer], network.layers()[layer].units, writer);
    SetTensor(*graph.add_output(), output.tensor);
  }
  if (model.ByteSizeLong() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return absl::UnimplementedError(absl::StrCat("the network takes ", model.ByteSizeLong(),
                                                 " bytes as ONNX, which has to stay below 2 GiB"));
  }
  return model.SerializeAsString();
}

}  // namespace mlp
