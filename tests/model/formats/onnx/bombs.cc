#include "tests/model/formats/onnx/bombs.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// From x, [N,4], through `nodes` to y.
constexpr char kFrame[] = R"(
  ir_version: 8
  opset_import { version: 17 }
  opset_import { domain: "f" version: 1 }
  opset_import { domain: "ai.onnx.ml" version: 3 }
  graph {
    input {
      name: "x"
      type { tensor_type { elem_type: 1 shape { dim { dim_param: "N" } dim { dim_value: 4 } } } }
    }
    output { name: "y" }
    initializer { name: "w" data_type: 1 dims: [4, 4]
                  float_data: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }
  })";

onnx::ModelProto Frame() {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kFrame, &model));
  return model;
}

onnx::NodeProto& AddTo(google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes,
                       const std::string& type, const std::string& input,
                       const std::string& output) {
  onnx::NodeProto& node = *nodes.Add();
  node.set_op_type(type);
  node.add_input(input);
  node.add_output(output);
  return node;
}

onnx::FunctionProto& AddFunctionTo(onnx::ModelProto& model, const std::string& name) {
  onnx::FunctionProto& function = *model.add_functions();
  function.set_name(name);
  function.set_domain("f");
  function.add_input("a");
  function.add_output("b");
  return function;
}

// A layer, and `calls` of the function F in a chain.
void AddCalls(
    onnx::ModelProto& model, int calls,
    const std::function<void(onnx::NodeProto&)>& fill = [](onnx::NodeProto&) {}) {
  auto& nodes = *model.mutable_graph()->mutable_node();
  AddTo(nodes, "MatMul", "x", "v0").add_input("w");
  for (int i = 0; i < calls; ++i) {
    onnx::NodeProto& node = AddTo(nodes, "F", absl::StrCat("v", i), absl::StrCat("v", i + 1));
    node.set_domain("f");
    fill(node);
  }
  AddTo(nodes, "Identity", absl::StrCat("v", calls), "y");
}

// F calls G, which takes anything.
onnx::NodeProto& AddCaller(onnx::ModelProto& model) {
  onnx::NodeProto& inner = AddTo(*AddFunctionTo(model, "F").mutable_node(), "G", "a", "b");
  inner.set_domain("f");
  AddTo(*AddFunctionTo(model, "G").mutable_node(), "Identity", "a", "b");
  return inner;
}

void AddAttribute(onnx::NodeProto& node, const std::string& name, const std::string& of = "") {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  if (!of.empty()) attribute.set_ref_attr_name(of);
  attribute.set_type(onnx::AttributeProto::FLOAT);
}

onnx::ModelProto CopiedInputs() {
  onnx::ModelProto model = Frame();
  onnx::NodeProto& inner = AddCaller(model);
  for (int i = 0; i < 100'000; ++i) inner.add_input();
  AddAttribute(inner, "alpha", "alpha");
  AddCalls(model, 100, [](onnx::NodeProto& node) { AddAttribute(node, "alpha"); });
  return model;
}

onnx::ModelProto InputsThatAreWalkedOver() {
  onnx::ModelProto model = Frame();
  onnx::NodeProto& inner = AddCaller(model);
  for (int i = 0; i < 200'000; ++i) inner.add_input();
  AddCalls(model, 20'000);
  return model;
}

onnx::ModelProto LongNames() {
  onnx::ModelProto model = Frame();
  onnx::FunctionProto& function = AddFunctionTo(model, "F");
  const std::string name(1'000'000, 'n');
  AddTo(*function.mutable_node(), "Identity", "a", name);
  AddTo(*function.mutable_node(), "Identity", name, "b");
  AddCalls(model, 50'000);
  return model;
}

onnx::ModelProto AttributesOfTheCaller() {
  onnx::ModelProto model = Frame();
  onnx::NodeProto& inner = AddCaller(model);
  for (int i = 0; i < 100'000; ++i) AddAttribute(inner, "a", "zz");
  AddCalls(model, 1, [](onnx::NodeProto& node) {
    for (int i = 0; i < 100'000; ++i) AddAttribute(node, "b");
  });
  return model;
}

onnx::ModelProto DefaultsOfTheFunction() {
  onnx::ModelProto model = Frame();
  onnx::NodeProto& inner = AddCaller(model);
  for (int i = 0; i < 20'000; ++i) AddAttribute(inner, "a", "zz");
  onnx::FunctionProto& function = *model.mutable_functions(0);
  for (int i = 0; i < 20'000; ++i) {
    // attribute_proto, a field that the schema does not know yet
    function.GetReflection()->MutableUnknownFields(&function)->AddLengthDelimited(11,
                                                                                  "\x0a\x01\x62");
  }
  AddCalls(model, 1);
  return model;
}

onnx::ModelProto OperatorSetsOfTheFunction() {
  onnx::ModelProto model = Frame();
  onnx::FunctionProto& function = AddFunctionTo(model, "F");
  AddTo(*function.mutable_node(), "Identity", "a", "b");
  for (int i = 0; i < 500'000; ++i) function.add_opset_import();
  AddCalls(model, 20'000);
  return model;
}

onnx::ModelProto ListsThatAreMade() {
  onnx::ModelProto model = Frame();
  onnx::FunctionProto& function = AddFunctionTo(model, "F");
  onnx::NodeProto& constant = *function.add_node();
  constant.set_op_type("Constant");
  constant.add_output("list");
  onnx::AttributeProto& value = *constant.add_attribute();
  value.set_name("value_ints");
  value.set_type(onnx::AttributeProto::INTS);
  for (int i = 0; i < 100'000; ++i) value.add_ints(1);
  AddTo(*function.mutable_node(), "Identity", "a", "b");
  AddCalls(model, 5'000);
  return model;
}

onnx::ModelProto ScalesThatAreMade() {
  onnx::ModelProto model = Frame();
  onnx::FunctionProto& function = AddFunctionTo(model, "F");
  onnx::NodeProto& scaler = AddTo(*function.mutable_node(), "Scaler", "a", "b");
  scaler.set_domain("ai.onnx.ml");
  onnx::AttributeProto& scale = *scaler.add_attribute();
  scale.set_name("scale");
  scale.set_type(onnx::AttributeProto::FLOATS);
  scale.add_floats(2.0F);
  AddCalls(model, 50'000);
  return model;
}

// Each Gather makes 4,096 nodes of the row graph.
onnx::ModelProto PickedUnits() {
  onnx::ModelProto model = Frame();
  onnx::TensorProto& picked = *model.mutable_graph()->add_initializer();
  picked.set_name("picked");
  picked.set_data_type(onnx::TensorProto::INT64);
  picked.add_dims(4'096);
  for (int i = 0; i < 4'096; ++i) picked.add_int64_data(0);
  auto& nodes = *model.mutable_graph()->mutable_node();
  for (int i = 0; i < 1'000; ++i) {
    onnx::NodeProto& node = AddTo(nodes, "Gather", "x", absl::StrCat("v", i));
    node.add_input("picked");
    onnx::AttributeProto& axis = *node.add_attribute();
    axis.set_name("axis");
    axis.set_type(onnx::AttributeProto::INT);
    axis.set_i(1);
  }
  AddTo(nodes, "MatMul", "x", "y").add_input("w");
  return model;
}

// Each warning is a line of the log.
onnx::ModelProto Warnings() {
  onnx::ModelProto model = Frame();
  AddTo(*AddFunctionTo(model, "F").mutable_node(), "ZipMap", "a", "b").set_domain("ai.onnx.ml");
  AddCalls(model, 50'000);
  return model;
}

// Gives the rows of the first input `units` values.
void SetWidth(onnx::GraphProto& graph, std::int64_t units) {
  graph.mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_value(units);
}

// A row of 65,536 units with a label for each. All of them are looked up in a table of one entry.
onnx::ModelProto LabelsLookedUp() {
  onnx::ModelProto model = Frame();
  constexpr int kUnits = 1 << 16;
  auto& graph = *model.mutable_graph();
  SetWidth(graph, kUnits);
  auto& nodes = *graph.mutable_node();
  onnx::NodeProto& best = AddTo(nodes, "ArgMax", "x", "best");
  onnx::AttributeProto& axis = *best.add_attribute();
  axis.set_name("axis");
  axis.set_type(onnx::AttributeProto::INT);
  axis.set_i(1);
  onnx::TensorProto& zeros = *graph.add_initializer();
  zeros.set_name("zeros");
  zeros.set_data_type(onnx::TensorProto::INT64);
  zeros.add_dims(kUnits);
  for (int i = 0; i < kUnits; ++i) zeros.add_int64_data(0);
  onnx::TensorProto& names = *graph.add_initializer();
  names.set_name("names");
  names.set_data_type(onnx::TensorProto::STRING);
  names.add_dims(1);
  names.add_string_data(std::string(100'000, 'l'));
  AddTo(nodes, "Gather", "zeros", "zero").add_input("best");
  AddTo(nodes, "Gather", "names", "y").add_input("zero");
  return model;
}

onnx::ModelProto LabelsPassedOn() {
  onnx::ModelProto model = LabelsLookedUp();
  auto& nodes = *model.mutable_graph()->mutable_node();
  nodes.RemoveLast();
  std::string before = "zero";
  for (int i = 0; i < 10'000; ++i) {
    const std::string next = i == 9'999 ? "y" : absl::StrCat("v", i);
    AddTo(nodes, "Identity", before, next);
    before = next;
  }
  return model;
}

// A constant of 500,000 dimensions. Each use of it walks over all of them.
onnx::ModelProto Dimensions() {
  onnx::ModelProto model = Frame();
  auto& graph = *model.mutable_graph();
  onnx::TensorProto& one = *graph.add_initializer();
  one.set_name("one");
  one.set_data_type(onnx::TensorProto::FLOAT);
  for (int i = 0; i < 500'000; ++i) one.add_dims(1);
  one.add_float_data(1.0F);
  auto& nodes = *graph.mutable_node();
  for (int i = 0; i < 10'000; ++i) AddTo(nodes, "Neg", "one", absl::StrCat("v", i));
  AddTo(nodes, "MatMul", "x", "y").add_input("w");
  return model;
}

// A row of many scales before a long chain, with outputs along the way.
onnx::ModelProto ScalesOfALongChain() {
  onnx::ModelProto model = Frame();
  constexpr int kUnits = 1 << 17;
  auto& graph = *model.mutable_graph();
  SetWidth(graph, kUnits);
  onnx::TensorProto& shifts = *graph.add_initializer();
  shifts.set_name("shifts");
  shifts.set_data_type(onnx::TensorProto::FLOAT);
  shifts.add_dims(kUnits);
  shifts.set_raw_data(std::string(sizeof(float) * kUnits, '\1'));
  onnx::TensorProto& one = *graph.add_initializer();
  one.set_name("one");
  one.set_data_type(onnx::TensorProto::FLOAT);
  one.add_float_data(1.0F);
  auto& nodes = *graph.mutable_node();
  constexpr int kNodes = 20'000;
  for (int i = 0; i < kNodes; ++i) {
    AddTo(nodes, "Add", i == 0 ? "x" : absl::StrCat("v", i - 1),
          i + 1 == kNodes ? "y" : absl::StrCat("v", i))
        .add_input(i + 1 == kNodes ? "shifts" : "one");
  }
  return model;
}

}  // namespace

void PrintTo(const Bomb& bomb, std::ostream* stream) { *stream << bomb.name; }

std::vector<Bomb> Bombs() {
  return {
      {"CopiedInputs", CopiedInputs},
      {"InputsThatAreWalkedOver", InputsThatAreWalkedOver},
      {"LongNames", LongNames},
      {"AttributesOfTheCaller", AttributesOfTheCaller},
      {"DefaultsOfTheFunction", DefaultsOfTheFunction},
      {"OperatorSetsOfTheFunction", OperatorSetsOfTheFunction},
      {"ListsThatAreMade", ListsThatAreMade},
      {"ScalesThatAreMade", ScalesThatAreMade},
      {"PickedUnits", PickedUnits},
      {"Warnings", Warnings},
      {"LabelsLookedUp", LabelsLookedUp},
      {"LabelsPassedOn", LabelsPassedOn},
      {"Dimensions", Dimensions},
      {"ScalesOfALongChain", ScalesOfALongChain},
  };
}

}  // namespace mlp
