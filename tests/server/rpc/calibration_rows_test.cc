#include "server/rpc/calibration_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/network.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Inputs of one, two and three values, which follow each other in a row.
Network NetworkOfThreeInputs(Datatype last) {
  Layer layer;
  layer.inputs = 6;
  layer.units = 1;
  layer.dense().weights = {1, 2, 3, 4, 5, 6};
  layer.dense().bias = {0};
  layer.sources = {Source::OfInput(0, 1), Source::OfInput(1, 2), Source::OfInput(2, 3)};
  std::vector<Layer> layers;
  layers.push_back(std::move(layer));
  return Network::Create({{"a", {}}, {"b", {2}}, {"c", {3}, last}}, std::move(layers),
                         {{{"y", {1}}, 0, Tap::kActivation}}, Vocabulary::Create({"word"}).value())
      .value();
}

std::shared_ptr<const ServedModel> ModelOfThreeInputs(Datatype last = Datatype::kFp32) {
  auto model = std::make_shared<ServedModel>();
  model->name = "three";
  model->network = std::make_shared<const Network>(NetworkOfThreeInputs(last));
  return model;
}

// The bytes of `values`.
std::string BytesOf(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

class CalibrationRowsTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(CalibrationRowsTest, SplitsTheRowsIntoInputsHoweverTheyArrive) {
  CalibrationRows rows(ModelOfThreeInputs(), 1 << 20);
  const std::string bytes = BytesOf({1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16});
  for (std::size_t at = 0; at < bytes.size(); at += GetParam()) {
    ASSERT_TRUE(rows.Add(absl::string_view(bytes).substr(at, GetParam())).ok());
  }
  EXPECT_TRUE(rows.CheckWhole().ok());
  EXPECT_EQ(rows.rows(), 2);
  EXPECT_THAT(rows.TakeInputs(), ElementsAre(ElementsAre(1, 11), ElementsAre(2, 3, 12, 13),
                                             ElementsAre(4, 5, 6, 14, 15, 16)));
}

INSTANTIATE_TEST_SUITE_P(BytesOfAMessage, CalibrationRowsTest,
                         ::testing::Values(1, 3, 4, 5, 7, 8, 23, 24, 25, 47, 48, 1000));

TEST(CalibrationRowsTest, RefusesIncompleteRows) {
  for (const std::size_t bytes : {0U, 1U, 4U, 23U, 25U, 44U}) {
    CalibrationRows rows(ModelOfThreeInputs(), 1 << 20);
    ASSERT_TRUE(rows.Add(std::string(bytes, '\0')).ok());
    const absl::Status status = rows.CheckWhole();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bytes;
    EXPECT_THAT(std::string(status.message()), HasSubstr("model 'three' expects 24 for each row"))
        << bytes;
  }
}

TEST(CalibrationRowsTest, RefusesMoreBytesThanItMayHold) {
  CalibrationRows rows(ModelOfThreeInputs(), 48);
  EXPECT_TRUE(rows.Add(std::string(48, '\0')).ok());
  const absl::Status status = rows.Add("1");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), StartsWith("the rows exceed the limit of 48 bytes"));
}

TEST(CalibrationRowsTest, RefusesTexts) {
  EXPECT_TRUE(CalibrationRows::CheckTakes(*ModelOfThreeInputs()).ok());
  const absl::Status status = CalibrationRows::CheckTakes(*ModelOfThreeInputs(Datatype::kBytes));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("input 'c' of model 'three' takes strings"));
}

}  // namespace
}  // namespace mlp
