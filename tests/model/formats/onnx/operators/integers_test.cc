// Integers of every width inside a graph. Values are compared with what ONNX Runtime 1.32 answers
// for the same graph.

#include "model/formats/onnx/operators/integers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/onnx/operators/integer_graph.h"

namespace mlp {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

struct WrappedCase {
  const char* name;
  int type;
  std::int64_t constant;
  std::string nodes;
  std::vector<float> x;
  std::vector<float> y;
};

void PrintTo(const WrappedCase& value, std::ostream* stream) { *stream << value.name; }

class WrappedIntegersTest : public ::testing::TestWithParam<WrappedCase> {};

TEST_P(WrappedIntegersTest, AgreeWithOnnxRuntime) {
  const WrappedCase& wrapped = GetParam();
  const auto read = ReadOfIntegers(wrapped.type, wrapped.constant, wrapped.nodes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(EvaluateNetwork(read->network, {wrapped.x}).front(), ElementsAreArray(wrapped.y));
  EXPECT_THAT(WarningsOfRounding(*read), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    OfARow, WrappedIntegersTest,
    ::testing::Values(
        WrappedCase{"Uint8Add", kUint8, 7, IntegerNode("Add", "'x', 'c'"), {250, 3}, {1, 10}},
        WrappedCase{"Uint8Sub", kUint8, 7, IntegerNode("Sub", "'x', 'c'"), {250, 3}, {243, 252}},
        WrappedCase{"Uint8From", kUint8, 7, IntegerNode("Sub", "'c', 'x'"), {250, 3}, {13, 4}},
        WrappedCase{"Uint8Mul", kUint8, 7, IntegerNode("Mul", "'x', 'c'"), {250, 3}, {214, 21}},
        WrappedCase{"Uint8Div", kUint8, 7, IntegerNode("Div", "'x', 'c'"), {250, 3}, {35, 0}},
        WrappedCase{"Uint8Twice", kUint8, 0, IntegerNode("Add", "'x', 'x'"), {250, 3}, {244, 6}},
        WrappedCase{"Uint8Square", kUint8, 0, IntegerNode("Mul", "'x', 'x'"), {250, 3}, {36, 9}},
        WrappedCase{
            "Int8Add", kInt8, 10, IntegerNode("Add", "'x', 'c'"), {120, -128}, {-126, -118}},
        WrappedCase{"Int8Sub", kInt8, 10, IntegerNode("Sub", "'x', 'c'"), {120, -128}, {110, 118}},
        WrappedCase{"Int8Mul", kInt8, 10, IntegerNode("Mul", "'x', 'c'"), {120, -128}, {-80, 0}},
        WrappedCase{"Int8Neg", kInt8, 0, IntegerNode("Neg", "'x'"), {120, -128}, {-120, -128}},
        WrappedCase{"Int8Abs", kInt8, 0, IntegerNode("Abs", "'x'"), {120, -128}, {120, -128}},
        WrappedCase{"Uint16Add",
                    kUint16,
                    40000,
                    IntegerNode("Add", "'x', 'c'"),
                    {65530, 3},
                    {39994, 40003}},
        WrappedCase{"Uint16Mul",
                    kUint16,
                    40000,
                    IntegerNode("Mul", "'x', 'c'"),
                    {65530, 3},
                    {22144, 54464}},
        WrappedCase{
            "Uint16Square", kUint16, 0, IntegerNode("Mul", "'x', 'x'"), {65530, 3}, {36, 9}},
        WrappedCase{
            "Int16Mul", kInt16, 300, IntegerNode("Mul", "'x', 'c'"), {32767, -32768}, {-300, 0}},
        WrappedCase{
            "Int16Neg", kInt16, 0, IntegerNode("Neg", "'x'"), {32767, -32768}, {-32767, -32768}}),
    [](const auto& wrapped) { return std::string(wrapped.param.name); });

INSTANTIATE_TEST_SUITE_P(
    OfConstants, WrappedIntegersTest,
    ::testing::Values(
        WrappedCase{
            "CastToUint8",
            kInt64,
            300,
            CastTo(kUint8, "c", "k") + CastTo(kUint8, "x", "z") + IntegerNode("Add", "'z', 'k'"),
            {1, 250},
            {45, 38}},
        WrappedCase{"Uint8Sum",
                    kUint8,
                    200,
                    IntegerNode("Add", "'c', 'c'", "k") + IntegerNode("Max", "'x', 'k'"),
                    {1, 250},
                    {144, 250}},
        WrappedCase{"Uint8Greatest",
                    kUint8,
                    200,
                    IntegerNode("Unsqueeze", "'c', 'both'", "u") +
                        IntegerNode("ReduceMax", "'u'", "k") + IntegerNode("Add", "'k', 'c'", "m") +
                        IntegerNode("Max", "'x', 'm'"),
                    {1, 250},
                    {144, 250}},
        WrappedCase{
            "RootOfASize",
            kInt32,
            0,
            IntegerNode("Shape", "'x'", "size", "attribute { name: 'start' type: INT i: 1 }") +
                CastTo(kFloat, "size", "k") + IntegerNode("Sqrt", "'k'", "root") +
                IntegerNode("Mul", "'root', 'root'", "two") + IntegerNode("Mul", "'layer', 'two'"),
            {1, 3},
            {2, 6}},
        WrappedCase{"Int32Square",
                    kInt32,
                    65537,
                    IntegerNode("Mul", "'c', 'c'", "k") + IntegerNode("Max", "'x', 'k'"),
                    {1, 131074},
                    {131073, 131074}}),
    [](const auto& wrapped) { return std::string(wrapped.param.name); });

TEST(WrappedIntegerTest, KeepsTheLastBits) {
  EXPECT_EQ(WrappedInteger(300, Datatype::kUint8), 44);
  EXPECT_EQ(WrappedInteger(-1, Datatype::kUint16), 65535);
  EXPECT_EQ(WrappedInteger(128, Datatype::kInt8), -128);
  EXPECT_EQ(WrappedInteger(2'147'483'648.0, Datatype::kInt32), -2'147'483'648.0);
  EXPECT_EQ(WrappedInteger(1e15, Datatype::kInt64), 1e15);
}

}  // namespace
}  // namespace mlp
