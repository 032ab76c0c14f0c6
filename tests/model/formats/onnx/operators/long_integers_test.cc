// Integers that FP32 does not hold exactly: refused if the file contains them, warned about if a
// request can cause them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "tests/model/formats/onnx/operators/integer_graph.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace mlp
