#include "server/repository/model_interface.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace mlp {
namespace {

TensorSpec Pixels() { return {"pixels", {64}, Datatype::kFp32}; }
TensorSpec Age() { return {"age", {}, Datatype::kFp64}; }
TensorSpec Scores() { return {"scores", {10}, Datatype::kFp32}; }
TensorSpec Digit() { return {"digit", {1}, Datatype::kInt64}; }

struct InterfaceCase {
  const char* name;
  ModelInterface now;  // replaces {Pixels(), Age()} and {Scores(), Digit()}
  std::string difference;
};

void PrintTo(const InterfaceCase& interface, std::ostream* out) { *out << interface.name; }

class ModelInterfaceTest : public ::testing::TestWithParam<InterfaceCase> {};

TEST_P(ModelInterfaceTest, SaysWhatDiffers) {
  const ModelInterface before = {{Pixels(), Age()}, {Scores(), Digit()}};
  EXPECT_EQ(InterfaceDifference(before, GetParam().now), GetParam().difference);
}

INSTANTIATE_TEST_SUITE_P(
    All, ModelInterfaceTest,
    ::testing::Values(
        InterfaceCase{"Same", {{Pixels(), Age()}, {Scores(), Digit()}}, ""},
        InterfaceCase{"InputsInAnotherOrder", {{Age(), Pixels()}, {Scores(), Digit()}}, ""},
        InterfaceCase{"OutputsInAnotherOrder",
                      {{Pixels(), Age()}, {Digit(), Scores()}},
                      "the outputs are in a different order"},
        InterfaceCase{"Shape",
                      {{{"pixels", {8, 8}, Datatype::kFp32}, Age()}, {Scores(), Digit()}},
                      "input 'pixels' has shape [8,8] instead of [64]"},
        InterfaceCase{"Datatype",
                      {{Pixels(), Age()}, {Scores(), {"digit", {1}, Datatype::kInt32}}},
                      "output 'digit' is INT32 instead of INT64"},
        InterfaceCase{"Gone", {{Pixels()}, {Scores(), Digit()}}, "input 'age' is missing"},
        InterfaceCase{
            "New", {{Pixels(), Age()}, {Scores(), Digit(), Age()}}, "output 'age' is new"},
        InterfaceCase{
            "Many",
            {{}, {}},
            "input 'pixels' is missing; input 'age' is missing; output 'scores' is missing; and 1 "
            "more"}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace mlp
