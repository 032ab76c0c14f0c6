#include "server/observe/model_statistics.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

using std::chrono::nanoseconds;

TEST(ModelStatisticsTest, SumsOverBatchesEqualTheCounters) {
  StatisticsSummary counted;
  const auto now = std::chrono::system_clock::time_point(std::chrono::hours(24));
  counted.AddBatch(3, {nanoseconds(1), nanoseconds(10), nanoseconds(2)},
                   {2, nanoseconds(70), nanoseconds(90)}, now);
  counted.AddBatch(3, {nanoseconds(2), nanoseconds(20), nanoseconds(3)},
                   {3, nanoseconds(30), nanoseconds(60)}, now);
  // A piece of a request that is not finished yet.
  counted.AddBatch(5, {nanoseconds(4), nanoseconds(40), nanoseconds(0)}, {}, now);
  ModelStatistics statistics;
  statistics.Add(counted);
  statistics.AddFailure(nanoseconds(9));

  const StatisticsSummary summary = statistics.Read();
  EXPECT_EQ(summary.last_inference, now);
  EXPECT_EQ(summary.rows, 11U);
  EXPECT_EQ(summary.batches, 3U);
  EXPECT_EQ(summary.success.count, 5U);
  EXPECT_EQ(summary.success.time, nanoseconds(150));
  EXPECT_EQ(summary.failure.count, 1U);
  EXPECT_EQ(summary.failure.time, nanoseconds(9));
  EXPECT_EQ(summary.queue.count, 5U);
  EXPECT_EQ(summary.queue.time, nanoseconds(100));
  // Each request has the times of its batch's stages.
  EXPECT_EQ(summary.compute_infer.count, 5U);
  EXPECT_EQ(summary.compute_infer.time, nanoseconds(2 * 10 + 3 * 20));

  std::uint64_t batches = 0;
  std::uint64_t rows = 0;
  for (const auto& [size, of_size] : summary.by_batch_rows) {
    batches += of_size.infer.count;
    rows += of_size.infer.count * static_cast<std::uint64_t>(size);
  }
  EXPECT_EQ(batches, summary.batches);
  EXPECT_EQ(rows, summary.rows);
  EXPECT_EQ(summary.by_batch_rows.at(3).infer.time, nanoseconds(30));
  EXPECT_EQ(summary.by_batch_rows.at(5).input.time, nanoseconds(4));
}

TEST(ModelStatisticsTest, AddsWhatSeveralThreadsCounted) {
  const auto first = std::chrono::system_clock::time_point(std::chrono::hours(24));
  const auto last = first + std::chrono::hours(1);
  StatisticsSummary one;
  one.AddBatch(3, {nanoseconds(1), nanoseconds(10), nanoseconds(2)},
               {2, nanoseconds(70), nanoseconds(90)}, last);
  StatisticsSummary other;
  other.AddBatch(3, {nanoseconds(1), nanoseconds(10), nanoseconds(2)},
                 {1, nanoseconds(7), nanoseconds(9)}, first);
  other.AddBatch(4, {nanoseconds(1), nanoseconds(5), nanoseconds(2)},
                 {1, nanoseconds(7), nanoseconds(9)}, first);
  ModelStatistics statistics;
  statistics.Add(one);
  statistics.Add(other);
  // Cleared counts add nothing.
  other.Clear();
  statistics.Add(other);

  const StatisticsSummary summary = statistics.Read();
  EXPECT_EQ(summary.last_inference, last);
  EXPECT_EQ(summary.rows, 10U);
  EXPECT_EQ(summary.batches, 3U);
  EXPECT_EQ(summary.success.count, 4U);
  EXPECT_EQ(summary.success.time, nanoseconds(108));
  EXPECT_EQ(summary.by_batch_rows.at(3).infer.count, 2U);
  EXPECT_EQ(summary.by_batch_rows.at(3).infer.time, nanoseconds(20));
  EXPECT_EQ(summary.by_batch_rows.at(4).infer.count, 1U);
}

}  // namespace
}  // namespace mlp
