#include "server/observe/row_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Samples of one input of two values and one of one value.
class RowSampleTest : public ::testing::Test {
 protected:
  // A batch of `rows` rows {first, first + 0.5, -first}, {first + 1, ...}, ...
  void Add(std::int64_t rows, float first) {
    std::vector<float> two;
    std::vector<float> one;
    for (std::int64_t row = 0; row < rows; ++row) {
      const float value = first + static_cast<float>(row);
      two.insert(two.end(), {value, value + 0.5F});
      one.push_back(-value);
    }
    sample_.Add(rows, {two.data(), one.data()});
  }

  RowSample sample_{{2, 1}};
};

TEST_F(RowSampleTest, HasOneRowOfEachBatch) {
  EXPECT_EQ(sample_.width(), 3);
  EXPECT_THAT(sample_.Recent(), IsEmpty());
  Add(1, 10);
  Add(3, 20);
  EXPECT_THAT(sample_.Recent(), ElementsAre(10, 10.5, -10, 21, 21.5, -21));
}

TEST_F(RowSampleTest, ForgetsTheOldestRows) {
  for (int batch = 0; batch <= RowSample::kRecentRows; ++batch) {
    Add(1, static_cast<float>(batch));
  }
  const std::vector<float> recent = sample_.Recent();
  ASSERT_EQ(recent.size(), 3 * RowSample::kRecentRows);
  EXPECT_EQ(recent[0], RowSample::kRecentRows);
  EXPECT_EQ(recent[3], 1);
}

TEST_F(RowSampleTest, KeepsFewWideRows) {
  const std::int64_t width = RowSample::kRecentBytes / 8;
  RowSample wide({width});
  const std::vector<float> row(static_cast<std::size_t>(width));
  for (int batch = 0; batch < 5; ++batch) wide.Add(1, {row.data()});
  EXPECT_EQ(wide.Recent().size(), 2 * row.size());
  RowSample wider({10 * width});
  const std::vector<float> wider_row(static_cast<std::size_t>(10 * width));
  for (int batch = 0; batch < 5; ++batch) wider.Add(1, {wider_row.data()});
  EXPECT_EQ(wider.Recent().size(), wider_row.size());
}

TEST_F(RowSampleTest, CollectsWholeBatchesUntilThereAreEnoughRows) {
  EXPECT_FALSE(sample_.TakeCollected().has_value());
  Add(1, 10);
  sample_.StartCollecting(4);
  Add(3, 20);
  EXPECT_EQ(sample_.collected_rows(), 3);
  EXPECT_FALSE(sample_.TakeCollected().has_value());
  Add(3, 30);
  EXPECT_EQ(sample_.collected_rows(), 4);
  EXPECT_THAT(sample_.TakeCollected().value(),
              ElementsAre(20, 20.5, -20, 21, 21.5, -21, 22, 22.5, -22, 30, 30.5, -30));
  EXPECT_FALSE(sample_.TakeCollected().has_value());
  Add(3, 40);
  EXPECT_EQ(sample_.collected_rows(), 0);
}

TEST_F(RowSampleTest, DiscardsCollectedRows) {
  sample_.StartCollecting(2);
  Add(2, 10);
  sample_.StopCollecting();
  EXPECT_FALSE(sample_.TakeCollected().has_value());
  sample_.StartCollecting(1);
  EXPECT_EQ(sample_.collected_rows(), 0);
  Add(1, 20);
  EXPECT_THAT(sample_.TakeCollected().value(), ElementsAre(20, 20.5, -20));
}

TEST_F(RowSampleTest, IsReadWhileThreadsAdd) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([this] {
      for (int batch = 0; batch < 1'000; ++batch) Add(2, 1.0F);
    });
  }
  sample_.StartCollecting(100);
  for (int read = 0; read < 100; ++read) {
    const std::vector<float> recent = sample_.Recent();
    for (std::size_t at = 0; at < recent.size(); at += 3) ASSERT_EQ(recent[at], -recent[at + 2]);
  }
  for (std::thread& thread : threads) thread.join();
  Add(100, 1.0F);
  EXPECT_TRUE(sample_.TakeCollected().has_value());
}

}  // namespace
}  // namespace mlp
