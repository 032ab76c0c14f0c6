#include "server/repository/model_interface.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace mlp {
namespace {

const TensorSpec kPixels = {"pixels", {64}, Datatype::kFp32};
const TensorSpec kAge = {"age", {}, Datatype::kFp64};
const TensorSpec kScores = {"scores", {10}, Datatype::kFp32};
const TensorSpec kDigit = {"digit", {1}, Datatype::kInt64};

struct InterfaceCase {
  const char* name;
  ModelInterface now;  // in place of {kPixels, kAge} and {kScores, kDigit}
  std::string difference;
};

void PrintTo(const InterfaceCase& interface, std::ostream* out) { *out << interface.name; }

class ModelInterfaceTest : public ::testing::TestWithParam<InterfaceCase> {};

TEST_P(ModelInterfaceTest, SaysWhatDiffers) {
  const ModelInterface before = {{kPixels, kAge}, {kScores, kDigit}};
  EXPECT_EQ(InterfaceDifference(before, GetParam().now), GetParam().difference);
}

INSTANTIATE_TEST_SUITE_P(
    All, ModelInterfaceTest,
    ::testing::Values(
        InterfaceCase{"Same", {{kPixels, kAge}, {kScores, kDigit}}, ""},
        InterfaceCase{"InputsInAnotherOrder", {{kAge, kPixels}, {kScores, kDigit}}, ""},
        InterfaceCase{"OutputsInAnotherOrder",
                      {{kPixels, kAge}, {kDigit, kScores}},
                      "the outputs stand in another order"},
        InterfaceCase{"Shape",
                      {{{"pixels", {8, 8}, Datatype::kFp32}, kAge}, {kScores, kDigit}},
                      "input 'pixels' has shape [8,8] in place of [64]"},
        InterfaceCase{"Datatype",
                      {{kPixels, kAge}, {kScores, {"digit", {1}, Datatype::kInt32}}},
                      "output 'digit' is INT32 in place of INT64"},
        InterfaceCase{"Gone", {{kPixels}, {kScores, kDigit}}, "input 'age' is gone"},
        InterfaceCase{"New", {{kPixels, kAge}, {kScores, kDigit, kAge}}, "output 'age' is new"},
        InterfaceCase{"Many",
                      {{}, {}},
                      "input 'pixels' is gone; input 'age' is gone; output 'scores' is gone; and 1 "
                      "more"}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace mlp
