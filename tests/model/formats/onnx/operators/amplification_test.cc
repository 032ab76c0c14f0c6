// Short files that ask for much.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/reader.h"
#include "tests/model/formats/onnx/operators/small_graph.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// A long constant is used over and over, as a bias or as weights. Wide rows cost the file nothing.
TEST(AmplificationTest, ManyUsesOfOneConstantAreRefusedSoon) {
  onnx::ModelProto model = Model("");
  onnx::GraphProto& graph = *model.mutable_graph();
  constexpr int kUnits = 1 << 18;
  onnx::TensorProto& wide = *graph.add_initializer();
  wide.set_name("wide");
  wide.set_data_type(onnx::TensorProto::FLOAT);
  wide.add_dims(2);
  wide.add_dims(kUnits);
  wide.set_raw_data(std::string(2 * sizeof(float) * kUnits, '\0'));
  for (int i = 0; i < 1000; ++i) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type("MatMul");
    node.add_input("x");
    node.add_input("wide");
    node.add_output(absl::StrCat("z", i));
  }
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("initializer 'wide' is used so often that the model takes many times"));
}

TEST(AmplificationTest, ManyWideLayersWithoutWeightsAreRefusedSoon) {
  onnx::ModelProto model = Model("");
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_value(1 << 20);
  std::string before = "x";
  for (int i = 0; i < 1000; ++i) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(i % 2 == 0 ? "Tanh" : "Sigmoid");
    node.add_input(before);
    before = i == 999 ? "y" : absl::StrCat("a", i);
    node.add_output(before);
  }
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("the network has more than 4194304 units"));
}

// Each of these functions calls the next one twice.
TEST(AmplificationTest, FunctionsThatCallEachOtherTwiceAreRefusedSoon) {
  onnx::ModelProto model = Model(FirstLayer());
  model.mutable_graph()->mutable_node(0)->set_output(0, "x0");
  onnx::NodeProto& call = *model.mutable_graph()->add_node();
  call.set_op_type("f0");
  call.set_domain("own");
  call.add_input("x0");
  call.add_output("y");
  for (int i = 0; i < 15; ++i) {
    onnx::FunctionProto& function = *model.add_functions();
    function.set_name(absl::StrCat("f", i));
    function.set_domain("own");
    function.add_input("x");
    function.add_output("y");
    for (int k = 0; k < 2; ++k) {
      onnx::NodeProto& node = *function.add_node();
      node.set_op_type(i == 14 ? "Tanh" : absl::StrCat("f", i + 1));
      if (i != 14) node.set_domain("own");
      node.add_input(k == 0 ? "x" : "middle");
      node.add_output(k == 0 ? "middle" : "y");
    }
  }
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("the file's functions expand to more than 64 times its nodes"));
}

TEST(FunctionTest, IsRefusedIfItCallsItself) {
  onnx::ModelProto model = Model(FirstLayer() + Node("f", {"z"}, "y", "domain: 'own'"));
  onnx::FunctionProto& function = *model.add_functions();
  function.set_name("f");
  function.set_domain("own");
  function.add_input("x");
  function.add_output("y");
  onnx::NodeProto& node = *function.add_node();
  node.set_op_type("f");
  node.set_domain("own");
  node.add_input("x");
  node.add_output("y");
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("functions call each other deeper than 16"));
}

TEST(AmplificationTest, MoreLayersThanANetworkMayHaveAreRefused) {
  // z and these make 1,024 layers. One more node is too many.
  std::string nodes = FirstLayer();
  std::string last = "z";
  for (int i = 0; i < 1023; ++i) {
    std::string next = absl::StrCat("z", i);
    nodes += Node("MatMul", {last, "v"}, next);
    last = std::move(next);
  }
  const auto read = ReadOnnx(Model(nodes + Node("Tanh", {last}, "y")).SerializeAsString());
  EXPECT_TRUE(read.ok()) << read.status();
  nodes += Node("MatMul", {last, "v"}, "y");
  const auto refused = ReadOnnx(Model(nodes).SerializeAsString());
  EXPECT_EQ(refused.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("the network has more than 1024 layers; at most 1024 are supported"));
}

TEST(AmplificationTest, ListsThatAreJoinedWithThemselvesAreRefusedSoon) {
  std::string nodes = Node("Shape", {"x"}, "s0");
  for (int i = 0; i < 60; ++i) {
    const std::string list = absl::StrCat("s", i);
    nodes += Node("Concat", {list, list}, absl::StrCat("s", i + 1));
  }
  const auto read = ReadOnnx(Model(nodes).SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("the node of 's4' of type 'Concat': a list of dimensions [32] contains the "
                        "number of rows"));
}

}  // namespace
}  // namespace mlp
