#include "server/observe/thread_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "server/observe/metrics.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;

class ThreadCountsTest : public ::testing::Test {
 protected:
  // A batch of one request with `rows` rows.
  void CountBatch(ThreadCounts& counts, std::int64_t rows) const {
    ThreadCounts::Batch batch(counts);
    for (LayerActivity& layer : batch.activity()) layer.rows += rows;
    batch.Count(rows, {{}, microseconds(5), {}}, {.count = 1}, std::chrono::system_clock::now());
    batch.CountRequest(microseconds(150), microseconds(15), ModelSums::Clock::now(), [] {
      return TraceId{1, 2};
    });
    batch.End(ModelSums::Clock::now());
  }

  std::int64_t RowsAdded() const {
    return instruments_.activity->Read(ModelSums::Clock::now()).rows;
  }

  tbb::task_arena arena_{1};
  const Evaluator evaluator_{SmallNetwork(), 0.01, arena_};
  Metrics metrics_{0.01, ActivityWindow{}};
  const ModelInstruments instruments_ = metrics_.AddModel("m", "3", evaluator_);
  ThreadCounts counts_{instruments_.sums, evaluator_.network()};
};

TEST_F(ThreadCountsTest, AreAddedOnceHoweverOftenTheyAreRead) {
  CountBatch(counts_, 3);
  EXPECT_EQ(RowsAdded(), 0);
  for (int page = 0; page < 2; ++page) {
    const std::string text = metrics_.Expose();
    EXPECT_THAT(text, HasSubstr("mlp_rows_total{model=\"m\",version=\"3\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("mlp_requests_total{code=\"OK\",model=\"m\",version=\"3\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("mlp_batch_rows_count{model=\"m\",version=\"3\"} 1\n"));
  }
  EXPECT_EQ(instruments_.statistics->Read().success.count, 1U);
}

TEST_F(ThreadCountsTest, IncludeAnExemplarForTheBucketOfARequest) {
  CountBatch(counts_, 3);
  const std::string exemplar = " # {trace_id=\"00000000000000010000000000000002\"} 0.00015 ";
  for (int page = 0; page < 2; ++page) {
    const std::string text = metrics_.ExposeOpenMetrics();
    EXPECT_THAT(text, HasSubstr("mlp_request_duration_seconds_bucket{model=\"m\",version=\"3\","
                                "le=\"0.0002\"} 1" +
                                exemplar));
    EXPECT_EQ(text.find(exemplar), text.rfind(exemplar)) << "of no other bucket";
  }
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr("trace_id")));
}

TEST_F(ThreadCountsTest, AreAddedByTheThreadIfTheyAreNotRead) {
  CountBatch(counts_, ThreadCounts::kMaxRows - 1);
  EXPECT_EQ(RowsAdded(), 0);
  CountBatch(counts_, 1);
  EXPECT_EQ(RowsAdded(), ThreadCounts::kMaxRows);
}

TEST_F(ThreadCountsTest, AreAddedAfterATenthOfAShortWindow) {
  Metrics metrics(0.01, ActivityWindow{.rows = 1'000});
  const ModelInstruments instruments = metrics.AddModel("m", "3", evaluator_);
  ThreadCounts counts(instruments.sums, evaluator_.network());
  CountBatch(counts, 99);
  EXPECT_EQ(instruments.activity->Read(ModelSums::Clock::now()).rows, 0);
  CountBatch(counts, 1);
  EXPECT_EQ(instruments.activity->Read(ModelSums::Clock::now()).rows, 100);
}

TEST_F(ThreadCountsTest, AreAddedWhenTheThreadEnds) {
  {
    ThreadCounts others(instruments_.sums, evaluator_.network());
    CountBatch(others, 2);
    CountBatch(counts_, 3);
  }
  EXPECT_EQ(RowsAdded(), 2);
}

TEST_F(ThreadCountsTest, LoseNothingIfTheyAreReadWhileManyThreadsCount) {
  constexpr int kThreads = 4;
  constexpr int kBatches = 2'000;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      ThreadCounts counts(instruments_.sums, evaluator_.network());
      for (int batch = 0; batch < kBatches; ++batch) CountBatch(counts, 1);
    });
  }
  while (RowsAdded() < kThreads * kBatches / 2) {
    instruments_.sums->AddUp(ModelSums::Clock::now());
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(RowsAdded(), kThreads * kBatches);
  const StatisticsSummary statistics = instruments_.statistics->Read();
  EXPECT_EQ(statistics.batches, kThreads * kBatches);
  EXPECT_EQ(statistics.success.count, kThreads * kBatches);
  EXPECT_EQ(statistics.by_batch_rows.at(1).infer.count, kThreads * kBatches);
}

}  // namespace
}  // namespace mlp
