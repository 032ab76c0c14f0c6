#include "client/imputed_columns.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(ImputedColumnsTest, AreThoseOfTheLayers) {
  ModelMetadata model;
  model.inputs = {{"a", "FP32", {-1, 2}}, {"b", "FP32", {-1, 3}}};
  constexpr char kImputingLayers[] =
      R"([{"name": "hidden_1"}, {"imputes": [[0, 1, 1], [1, 0, 2]]}])";
  const bool expected[] = {false, true, true, true, false, false};
  for (int column = 0; column < 6; ++column) {
    EXPECT_EQ(IsImputed(model, kImputingLayers, column), expected[column]) << column;
  }
}

TEST(ImputedColumnsTest, AreEmptyIfTheServerDoesNotSendLayers) {
  ModelMetadata model;
  model.inputs = {{"a", "FP32", {-1, 2}}};
  for (const char* layers : {"", "{}", "[1]", "[{}]", R"([{"imputes": 1}])",
                             R"([{"imputes": [1, [0], [0, "a", 1]]}])"}) {
    EXPECT_FALSE(IsImputed(model, layers, 0)) << layers;
  }
}

}  // namespace
}  // namespace mlp
