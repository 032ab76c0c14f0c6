#include "server/batching/batch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "tests/server/small_network.h"

namespace mlp {
namespace {

class BatchTest : public ::testing::Test {
 protected:
  // Adds rows of two values. Their answer is relu(x_1) + 2 relu(x_2) + 0.5.
  std::int64_t Add(const std::vector<float>& values) {
    const InputValues input{values.data(), Datatype::kFp32};
    return batch_.Add(static_cast<std::int64_t>(values.size() / 2), {input});
  }
  // The answers of `rows` rows, starting at `row`.
  std::vector<float> Answers(std::int64_t row, std::int64_t rows, std::size_t output = 1) const {
    const float* first = batch_.Output(output, row);
    return {first, first + rows};
  }

  tbb::task_arena arena_{1};
  const Evaluator evaluator_{SmallNetwork(), 0.01, arena_};
  Batch batch_{evaluator_, 8};
  NetworkActivity activity_ = MakeNetworkActivity(evaluator_.network());
};

TEST_F(BatchTest, AnswersEachRequestWithItsOwnRows) {
  EXPECT_EQ(Add({1, 1}), 0);
  EXPECT_EQ(Add({2, 0, -5, 3}), 1);
  EXPECT_EQ(Add({0, 0}), 3);
  EXPECT_EQ(batch_.rows(), 4);
  batch_.Evaluate(activity_);
  EXPECT_EQ(Answers(0, 1), (std::vector<float>{3.5F}));
  EXPECT_EQ(Answers(1, 2), (std::vector<float>{2.5F, 6.5F}));
  EXPECT_EQ(Answers(3, 1), (std::vector<float>{0.5F}));
  EXPECT_EQ(Answers(0, 4, /*output=*/0), Answers(0, 4, /*output=*/1));
}

TEST_F(BatchTest, HoldsUpToItsLimit) {
  EXPECT_TRUE(batch_.Fits(8));
  EXPECT_FALSE(batch_.Fits(9));
  EXPECT_FALSE(batch_.Fits(std::numeric_limits<std::int64_t>::max()));
  Add({1, 1, 1, 1, 1, 1});
  EXPECT_TRUE(batch_.Fits(5));
  EXPECT_FALSE(batch_.Fits(6));
  EXPECT_FALSE(batch_.Fits(std::numeric_limits<std::int64_t>::max()));
}

TEST_F(BatchTest, AddsTheActivationsOfItsRowsToEarlierOnes) {
  Add({1, -1, -1, -1, 2, 2});
  batch_.Evaluate(activity_);
  SettleNetworkActivity(activity_);
  ASSERT_EQ(activity_.size(), 2U);
  EXPECT_EQ(activity_.front().rows, 3);
  EXPECT_EQ(activity_.front().LowerTail(), 3);
  EXPECT_EQ(activity_.front().Sum(), 5.0);
  batch_.Clear();
  Add({4, 1});
  batch_.Evaluate(activity_);
  SettleNetworkActivity(activity_);
  EXPECT_EQ(activity_.front().rows, 4);
  EXPECT_EQ(activity_.front().LowerTail(), 3);
  EXPECT_EQ(activity_.front().Sum(), 10.0);
}

TEST_F(BatchTest, ForgetsRowsWhenItIsCleared) {
  Add({1, -1, -1, -1, 2, 2});
  batch_.Evaluate(activity_);
  batch_.Clear();
  EXPECT_EQ(batch_.rows(), 0);
  EXPECT_TRUE(batch_.Fits(8));
  EXPECT_EQ(Add({4, 1}), 0);
  batch_.Evaluate(activity_);
  EXPECT_EQ(Answers(0, 1), (std::vector<float>{6.5F}));
}

TEST_F(BatchTest, CopiesRowsFromAnyAlignmentAndKeepsNoReferenceToThem) {
  const std::vector<float> values = {1, 2, 3, 4};
  for (std::size_t offset = 0; offset < sizeof(float); ++offset) {
    std::vector<char> bytes(offset + values.size() * sizeof(float));
    std::memcpy(bytes.data() + offset, values.data(), values.size() * sizeof(float));
    const InputValues input{bytes.data() + offset, Datatype::kFp32};
    batch_.Add(2, {input});
    bytes.assign(bytes.size(), '\xff');
    batch_.Evaluate(activity_);
    EXPECT_EQ(Answers(0, 2), (std::vector<float>{5.5F, 11.5F})) << "offset " << offset;
    batch_.Clear();
  }
}

TEST_F(BatchTest, KeepsEarlierRowsWhileItGrows) {
  Batch batch(evaluator_, 5'000);
  for (int row = 0; row < 5'000; ++row) {
    const float values[] = {static_cast<float>(row), 1};
    const InputValues input{values, Datatype::kFp32};
    ASSERT_EQ(batch.Add(1, {input}), row);
  }
  batch.Evaluate(activity_);
  for (int row = 0; row < 5'000; ++row) {
    ASSERT_EQ(*batch.Output(1, row), static_cast<float>(row) + 2.5F);
  }
}

TEST_F(BatchTest, ConvertsValuesOfAnotherDatatype) {
  const std::vector<std::int8_t> values = {3, -1};
  const InputValues input{values.data(), Datatype::kInt8};
  batch_.Add(1, {input});
  batch_.Evaluate(activity_);
  EXPECT_EQ(Answers(0, 1), (std::vector<float>{3.5F}));
}

}  // namespace
}  // namespace mlp
