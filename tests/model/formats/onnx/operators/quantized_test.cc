// The operators of quantised models, on graphs of a few nodes, each worked out by hand.

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "model/formats/onnx/reader.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;

// From x, [N,2], to y, with the matrix w, [2,2], which doubles x. It is given in floats and in
// integers.
constexpr char kQuantizedGraph[] = R"(
  opset_import { version: 17 }
  opset_import { domain: "com.microsoft" version: 1 }
  opset_import { domain: "qonnx.custom_op.general" version: 1 }
  graph {
    input {
      name: "x"
      type { tensor_type { elem_type: 1 shape { dim { dim_param: "N" } dim { dim_value: 2 } } } }
    }
    output { name: "y" }
    initializer { name: "w" data_type: 1 dims: [2, 2] float_data: [2, 0, 0, 2] }
    initializer { name: "w8" data_type: 3 dims: [2, 2] int32_data: [4, 0, 0, 4] }
    initializer { name: "half" data_type: 1 float_data: 0.5 }
    initializer { name: "tenth" data_type: 1 float_data: 0.1 }
    initializer { name: "nothing" data_type: 1 float_data: 0 }
    initializer { name: "four" data_type: 1 float_data: 4 }
    initializer { name: "zero8" data_type: 3 int32_data: 0 }
    initializer { name: "two8" data_type: 3 int32_data: 2 }
    initializer { name: "low8" data_type: 3 int32_data: -3 }
    initializer { name: "high8" data_type: 3 int32_data: 3 }
    initializer { name: "bits" data_type: 2 dims: [2, 1, 8]
                  raw_data: "\x8a\x88\x88\x88\x88\x88\x88\x88\xa8\x88\x88\x88\x88\x88\x88\x88" }
    initializer { name: "scales" data_type: 1 dims: [2, 1] float_data: [1, 1] }
    NODES
  })";

absl::StatusOr<ReadNetwork> ReadQuantized(const std::string& nodes) {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(kQuantizedGraph, {{"NODES", nodes}}), &model));
  return ReadOnnx(model.SerializeAsString());
}

std::vector<float> AnswerOfQuantized(const std::string& nodes, const std::vector<float>& x) {
  const auto read = ReadQuantized(nodes);
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() ? EvaluateNetwork(read->network, {x}).front() : std::vector<float>();
}

constexpr char kDoubled[] = "node { op_type: 'MatMul' input: ['r', 'w'] output: 'y' }";

TEST(QuantizedOperatorsTest, AQuantizeLinearWithItsInverseIsOneLayer) {
  const std::string nodes = std::string(R"(
    node { op_type: 'QuantizeLinear' input: ['x', 'half', 'two8'] output: 'q' }
    node { op_type: 'DequantizeLinear' input: ['q', 'half', 'two8'] output: 'r' } )") +
                            kDoubled;
  EXPECT_THAT(AnswerOfQuantized(nodes, {0.6F, -1.2F, 1000.0F, 0.75F}), ElementsAre(1, -2, 125, 2))
      << "0.75 is 1.5 steps, rounded to even";
  EXPECT_EQ(ReadQuantized(nodes)->network.layers().size(), 2U);
}

// As Brevitas stores weights and activations of few bits.
TEST(QuantizedOperatorsTest, IntegersAreClippedBeforeTheyAreDequantized) {
  const std::string nodes = std::string(R"(
    node { op_type: 'QuantizeLinear' input: ['x', 'half', 'zero8'] output: 'q' }
    node { op_type: 'Max' input: ['q', 'low8'] output: 'm' }
    node { op_type: 'Min' input: ['m', 'high8'] output: 'c' }
    node { op_type: 'DequantizeLinear' input: ['c', 'half', 'zero8'] output: 'r' } )") +
                            kDoubled;
  EXPECT_THAT(AnswerOfQuantized(nodes, {100.0F, -100.0F, 0.5F, 1.0F}), ElementsAre(3, -3, 1, 2));
}

TEST(QuantizedOperatorsTest, QGemmMultipliesTheDequantizedValues) {
  EXPECT_THAT(AnswerOfQuantized(R"(
        node { op_type: 'QuantizeLinear' input: ['x', 'half', 'zero8'] output: 'q' }
        node { op_type: 'QGemm' domain: 'com.microsoft' output: 'y'
               input: ['q', 'half', 'zero8', 'w8', 'half', 'zero8', ''] } )",
                                {0.5F, 1.0F}),
              ElementsAre(1, 2));
}

TEST(QuantizedOperatorsTest, WeightsOfFourBitsAreUnpackedLowBitsFirst) {
  // A byte holds the weights of two inputs. The value 8 stands for 0.
  EXPECT_THAT(AnswerOfQuantized(R"(
    node { op_type: 'MatMulNBits' domain: 'com.microsoft' input: ['x', 'bits', 'scales'] output: 'y'
           attribute { name: 'K' type: INT i: 2 } attribute { name: 'N' type: INT i: 2 }
           attribute { name: 'bits' type: INT i: 4 }
           attribute { name: 'block_size' type: INT i: 16 } } )",
                                {1.0F, 10.0F}),
              ElementsAre(2, 20));
}

TEST(QuantizedOperatorsTest, QonnxRoundsToTheDeclaredNumberOfBits) {
  EXPECT_THAT(AnswerOfQuantized(std::string(R"(
    node { op_type: 'Quant' domain: 'qonnx.custom_op.general'
           input: ['x', 'half', 'nothing', 'four'] output: 'r' } )") +
                                    kDoubled,
                                {100.0F, -100.0F}),
              ElementsAre(7, -8))
      << "four bits with a sign";
}

// ONNX computes one scale for all rows of a batch.
TEST(QuantizedOperatorsTest, ADynamicScaleIsComputedForEachRow) {
  const std::string nodes = R"(
    node { op_type: 'DynamicQuantizeLinear' input: 'x' output: ['q', 's', 'z'] }
    node { op_type: 'MatMulInteger' input: ['q', 'w8', 'z', 'zero8'] output: 'i' }
    node { op_type: 'Cast' input: 'i' output: 'f' attribute { name: 'to' type: INT i: 1 } }
    node { op_type: 'Mul' input: ['s', 'half'] output: 'scale' }
    node { op_type: 'Mul' input: ['f', 'scale'] output: 'y' } )";
  const std::vector<float> both = AnswerOfQuantized(nodes, {1.0F, 2.0F, 1e6F, -1e6F});
  const std::vector<float> first = AnswerOfQuantized(nodes, {1.0F, 2.0F});
  EXPECT_THAT(first, ElementsAre(FloatEq(both[0]), FloatEq(both[1])));
  EXPECT_NEAR(first[0], 2.0F, 2.0F / 255);
  EXPECT_NEAR(first[1], 4.0F, 2.0F / 255);
  EXPECT_NEAR(both[2], 2e6F, 4e6F / 255);
  EXPECT_THAT(AnswerOfQuantized(nodes, {0.0F, 0.0F}), ElementsAre(0, 0)) << "a row without a range";
  EXPECT_THAT(AnswerOfQuantized(nodes, {1e-43F, 0.0F}), ElementsAre(0, 0)) << "too small a range";
}

// 41 times the float nearest to 1 / 41 is below 1, so multiplying instead would change the answer.
TEST(QuantizedOperatorsTest, DividesBeforeRoundingAsTheFileDoes) {
  const std::string divisors =
      "node { op_type: 'Constant' output: 'c' attribute { name: 'value_floats' type: FLOATS "
      "floats: [41, 61] } } node { op_type: 'Div' input: ['x', 'c'] output: 'd' }";
  EXPECT_THAT(
      AnswerOfQuantized(divisors + "node { op_type: 'Floor' input: 'd' output: 'r' }" + kDoubled,
                        {41, 61, 82, 122}),
      ElementsAre(2, 2, 4, 4));
}

TEST(QuantizedOperatorsTest, RefusesInvalidScales) {
  const auto read = ReadQuantized(std::string(R"(
    node { op_type: 'QuantizeLinear' input: ['x', 'nothing', 'zero8'] output: 'q' }
    node { op_type: 'DequantizeLinear' input: ['q', 'nothing', 'zero8'] output: 'r' } )") +
                                  kDoubled);
  EXPECT_EQ(read.status().code(), kInvalid) << read.status();
  EXPECT_THAT(
      std::string(read.status().message()),
      HasSubstr("initializer 'nothing' holds the scale 0; expected finite numbers above 0"));
}

}  // namespace
}  // namespace mlp
