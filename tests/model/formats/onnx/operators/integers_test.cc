// Integers of every width inside a graph. Values are compared with what ONNX Runtime 1.32 answers
// for the same graph.

#include "model/formats/onnx/operators/integers.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/formats/onnx/reader.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kUint8 = onnx::TensorProto::UINT8;
constexpr int kInt8 = onnx::TensorProto::INT8;
constexpr int kUint16 = onnx::TensorProto::UINT16;
constexpr int kInt16 = onnx::TensorProto::INT16;
constexpr int kInt32 = onnx::TensorProto::INT32;
constexpr int kInt64 = onnx::TensorProto::INT64;
constexpr int kUint32 = onnx::TensorProto::UINT32;
constexpr int kUint64 = onnx::TensorProto::UINT64;
constexpr int kFloat = onnx::TensorProto::FLOAT;

// From x, [N,2], to y, both integers, with the constant c. There is also a layer, because a network
// needs one.
constexpr char kIntegerGraph[] = R"(
  opset_import { version: 17 }
  graph {
    input {
      name: "x"
      type { tensor_type { elem_type: TYPE shape { dim { dim_param: "N" } dim { dim_value: 2 } } } }
    }
    output { name: "y" }
    output { name: "layer" }
    initializer { name: "c" data_type: TYPE CONSTANT }
    initializer { name: "last" data_type: 7 dims: 1 int64_data: 1 }
    initializer { name: "both" data_type: 7 dims: 2 int64_data: [0, 1] }
    initializer { name: "yes_no" data_type: 9 dims: 2 int32_data: [1, 0] }
    initializer { name: "depth" data_type: 7 int64_data: 2 }
    initializer { name: "table" data_type: 7 dims: 2 int64_data: [16777217, 1] }
    initializer { name: "w" data_type: 1 dims: [2, 2] float_data: [1, 0, 0, 1] }
    node { op_type: "Cast" input: "x" output: "floats"
           attribute { name: "to" type: INT i: 1 } }
    node { op_type: "MatMul" input: ["floats", "w"] output: "layer" }
    NODES
  })";

std::string IntegerConstant(int type, std::int64_t value) {
  const char* const field = type == kInt64    ? "int64_data: "
                            : type == kUint32 ? "uint64_data: "
                                              : "int32_data: ";
  return absl::StrCat(field, value);
}

absl::StatusOr<ReadNetwork> ReadOfIntegers(int type, std::int64_t constant,
                                           const std::string& nodes) {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(kIntegerGraph, {{"TYPE", absl::StrCat(type)},
                                          {"CONSTANT", IntegerConstant(type, constant)},
                                          {"NODES", nodes}}),
      &model));
  return ReadOnnx(model.SerializeAsString());
}

std::string IntegerNode(const std::string& operation, const std::string& inputs,
                        const std::string& output = "y", const std::string& attributes = "") {
  return absl::StrCat("node { op_type: '", operation, "' input: [", inputs, "] output: '", output,
                      "' ", attributes, " }\n");
}

std::string CastTo(int type, const std::string& input, const std::string& output) {
  return IntegerNode("Cast", absl::StrCat("'", input, "'"), output,
                     absl::StrCat("attribute { name: 'to' type: INT i: ", type, " }"));
}

// Other warnings are left out.
std::vector<std::string> WarningsOfRounding(const ReadNetwork& read) {
  std::vector<std::string> warnings;
  for (const std::string& warning : read.warnings) {
    if (absl::StrContains(warning, "which are exact")) warnings.push_back(warning);
  }
  return warnings;
}

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

struct LongCase {
  const char* name;
  int type;
  std::int64_t constant;
  std::string nodes;
  absl::StatusCode code;
  const char* message;
};

void PrintTo(const LongCase& value, std::ostream* stream) { *stream << value.name; }

class LongIntegersTest : public ::testing::TestWithParam<LongCase> {};

TEST_P(LongIntegersTest, AreRefusedIfTheFileContainsThem) {
  const LongCase& integers = GetParam();
  const auto read = ReadOfIntegers(integers.type, integers.constant, integers.nodes);
  EXPECT_EQ(read.status().code(), integers.code) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(integers.message));
}

constexpr char kNotExact[] =
    "initializer 'c' holds the integer 16777217, which is not exact in FP32";
constexpr std::int64_t kFirstRounded = 16'777'217;
constexpr std::int64_t kGreatestInt64 = 9'223'372'036'854'775'807;

INSTANTIATE_TEST_SUITE_P(
    Constants, LongIntegersTest,
    ::testing::Values(
        LongCase{"Added", kInt64, kFirstRounded, IntegerNode("Add", "'x', 'c'"), kUnimplemented,
                 "initializer 'c' adds 16777217 to INT64 values"},
        LongCase{"Multiplied", kInt32, kFirstRounded, IntegerNode("Mul", "'x', 'c'"),
                 kUnimplemented, "node of 'y' of type 'Mul': initializer 'c' holds the integer"},
        LongCase{"Compared", kInt64, kFirstRounded, IntegerNode("Less", "'x', 'c'"), kUnimplemented,
                 kNotExact},
        LongCase{"Selected", kInt64, kFirstRounded, IntegerNode("Where", "'yes_no', 'x', 'c'"),
                 kUnimplemented, kNotExact},
        LongCase{"Clipped", kInt64, kFirstRounded, IntegerNode("Clip", "'x', '', 'c'"),
                 kUnimplemented, kNotExact},
        LongCase{"Computed", kInt64, 8'388'609,
                 IntegerNode("Add", "'c', 'c'", "k") + IntegerNode("Sub", "'k', 'last'", "m") +
                     IntegerNode("Max", "'x', 'm'"),
                 kUnimplemented, "holds the integer 16777217"},
        LongCase{"LookedUp", kInt64, 0, IntegerNode("Gather", "'table', 'x'"), kUnimplemented,
                 "initializer 'table' holds the integer 16777217"},
        LongCase{"OneHot", kInt64, 0, IntegerNode("OneHot", "'x', 'depth', 'table'"),
                 kUnimplemented, "initializer 'table' holds the integer 16777217"},
        LongCase{
            "Joined", kInt64, kFirstRounded,
            IntegerNode("Unsqueeze", "'c', 'both'", "k") +
                IntegerNode("Concat", "'x', 'k'", "y", "attribute { name: 'axis' type: INT i: 1 }"),
            kUnimplemented, "holds the integer 16777217"},
        LongCase{"Answered", kInt64, kFirstRounded, IntegerNode("Unsqueeze", "'c', 'both'"),
                 kUnimplemented, "the output 'y' holds the integer 16777217"},
        LongCase{"AddedPowerOfTwo", kInt64, std::int64_t{1} << 25, IntegerNode("Add", "'x', 'c'"),
                 kUnimplemented, "initializer 'c' adds 33554432 to INT64 values"},
        LongCase{"AddedBelowZero", kInt64, -(std::int64_t{1} << 25), IntegerNode("Add", "'x', 'c'"),
                 kUnimplemented, "initializer 'c' adds -33554432 to INT64 values"},
        LongCase{
            "CastBelowZero", kInt64, -1,
            CastTo(kUint64, "c", "k") + CastTo(kInt64, "k", "m") + IntegerNode("Add", "'x', 'm'"),
            kUnimplemented, "it makes the constant -1 of type UINT64"},
        LongCase{"RoundedByItsCast", kInt64, 9'007'199'254'740'993,
                 CastTo(kFloat, "c", "k") + IntegerNode("Add", "'layer', 'k'"), kOk, ""},
        LongCase{"LowestButOneOfItsType", kInt64, -kGreatestInt64, IntegerNode("Max", "'x', 'c'"),
                 kOk, ""},
        LongCase{"BeyondDoubles", kInt64, 9'007'199'254'740'993, IntegerNode("Max", "'x', 'c'"),
                 kUnimplemented,
                 "initializer 'c' holds 9007199254740993; supported are integers up to 2^53"},
        LongCase{"PowerOfTwo", kInt64, std::int64_t{1} << 25, IntegerNode("Max", "'x', 'c'"), kOk,
                 ""},
        LongCase{"GreatestOfItsType", kInt64, kGreatestInt64, IntegerNode("Min", "'x', 'c'"), kOk,
                 ""},
        LongCase{"BoundOfItsType", kInt32, 2'147'483'647, IntegerNode("Clip", "'x', '', 'c'"), kOk,
                 ""},
        LongCase{"CastToFloats", kInt64, kFirstRounded,
                 CastTo(1, "c", "k") + IntegerNode("Add", "'layer', 'k'"), kOk, ""}),
    [](const auto& integers) { return std::string(integers.param.name); });

struct WarningCase {
  const char* name;
  int type;
  std::int64_t constant;
  std::string nodes;
  const char* warning;  // empty if there is no warning
};

void PrintTo(const WarningCase& value, std::ostream* stream) { *stream << value.name; }

class RoundedIntegersTest : public ::testing::TestWithParam<WarningCase> {};

TEST_P(RoundedIntegersTest, AreWarnedAboutOnceIfARequestCanCauseThem) {
  const WarningCase& integers = GetParam();
  const auto read = ReadOfIntegers(integers.type, integers.constant, integers.nodes);
  ASSERT_TRUE(read.ok()) << read.status();
  if (std::string(integers.warning).empty()) {
    EXPECT_THAT(WarningsOfRounding(*read), IsEmpty());
  } else {
    EXPECT_THAT(WarningsOfRounding(*read), ElementsAre(HasSubstr(integers.warning)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfAFile, RoundedIntegersTest,
    ::testing::Values(
        WarningCase{"Products", kInt64, 1000,
                    IntegerNode("Mul", "'x', 'c'", "a") + IntegerNode("Mul", "'a', 'c'"),
                    "the node of 'a' of type 'Mul' computes INT64 values, which are exact from "
                    "-2^24 to 2^24 (16777216) only"},
        WarningCase{"Squares", kInt32, 0, IntegerNode("Mul", "'x', 'x'"), "computes INT32 values"},
        WarningCase{"Sums", kInt32, 0, IntegerNode("Add", "'x', 'x'"), "computes INT32 values"},
        WarningCase{"SumsOfARow", kInt64, 0, IntegerNode("ReduceSum", "'x', 'last'"),
                    "of type 'ReduceSum' computes INT64 values"},
        WarningCase{"BelowZero", kUint32, 1, IntegerNode("Sub", "'x', 'c'"),
                    "computes UINT32 values, which are exact from 0 to 2^24"},
        WarningCase{"CastOfSigned", kInt64, 0, CastTo(kUint32, "x", "y"), "computes UINT32 values"},
        WarningCase{"OffsetsOfTables", kInt64, 1000, IntegerNode("Add", "'x', 'c'"), ""},
        WarningCase{"Remainders", kInt64, 1000, IntegerNode("Mod", "'x', 'c'"), ""},
        WarningCase{"ProductsOfRemainders", kInt64, 1000,
                    IntegerNode("Mod", "'x', 'c'", "m") + IntegerNode("Mul", "'m', 'm'"), ""},
        WarningCase{"ProductsOfRemaindersOfTheDivisorsSign", kInt8, 100,
                    CastTo(kInt64, "x", "a") + CastTo(kInt64, "c", "k") +
                        IntegerNode("Mul", "'k', 'k'", "divisor") +
                        IntegerNode("Mod", "'a', 'divisor'", "m") + IntegerNode("Mul", "'m', 'm'"),
                    "computes INT64 values"},
        WarningCase{"ProductsOfShortOnes", kUint8, 3,
                    CastTo(kInt32, "x", "a") + IntegerNode("Mul", "'a', 'a'"), ""},
        WarningCase{
            "Maxima", kInt64, 1000,
            IntegerNode("ReduceMax", "'x'", "y", "attribute { name: 'axes' type: INTS ints: 1 }"),
            ""}),
    [](const auto& integers) { return std::string(integers.param.name); });

TEST(WrappedIntegerTest, KeepsTheLastBits) {
  EXPECT_EQ(WrappedInteger(300, Datatype::kUint8), 44);
  EXPECT_EQ(WrappedInteger(-1, Datatype::kUint16), 65535);
  EXPECT_EQ(WrappedInteger(128, Datatype::kInt8), -128);
  EXPECT_EQ(WrappedInteger(2'147'483'648.0, Datatype::kInt32), -2'147'483'648.0);
  EXPECT_EQ(WrappedInteger(1e15, Datatype::kInt64), 1e15);
}

}  // namespace
}  // namespace mlp
