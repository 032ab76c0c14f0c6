// Counting and watching a batch allocates nothing once batches of its size have been seen. The same
// holds for adding it to windows that are judged.

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

#include "server/batching/batch.h"
#include "server/observe/metrics.h"
#include "server/observe/thread_counts.h"
#include "tests/allocation_counter.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

TEST(ThreadCountsAllocationTest, StopsAfterTheWarmUp) {
  tbb::task_arena arena(1);
  const Evaluator evaluator(SmallNetwork(), 0.01, arena);
  Metrics metrics(0.01, ActivityWindow{.rows = 1'000});
  const ModelInstruments instruments = metrics.AddModel("m", "1", evaluator);
  Baseline baseline;
  baseline.inputs = {{0.0F, 0.0F}, {1.0F, 1.0F}, {-1.0F, -1.0F}, {1.0F, 1.0F}};
  baseline.values = {{0.0F}, {1.0F}, {-1.0F}, {1.0F}};
  const auto now = ModelSums::Clock::now();
  instruments.watch->SetReference(std::make_shared<const WatchReference>(baseline), now);
  instruments.watch->SetJudged(true, now);
  instruments.activity->SetJudged(true, now);
  FinishedActivityWindow activity_window;
  FinishedWatchWindow watch_window;

  ThreadCounts counts(instruments.sums, evaluator.network());
  Batch batch(evaluator, 100);
  std::vector<float> values(std::size_t{2} * 100, 1.5F);
  values[3] = NAN;
  const InputValues input{values.data(), Datatype::kFp32};
  int windows = 0;
  const auto serve = [&] {
    // One batch in a hundred is watched, and ten batches make a window.
    for (int round = 0; round < 4'000; ++round) {
      batch.Add(100, {&input, 1});
      ThreadCounts::Batch counted(counts);
      batch.Evaluate(counted.activity());
      counted.Watch(batch);
      counted.Count(100, {}, {.count = 1}, {});
      counted.End(now);
      batch.Clear();
    }
    windows += instruments.activity->TakeWindow(now, activity_window) ? 1 : 0;
    windows += instruments.watch->TakeWindow(now, watch_window) ? 1 : 0;
  };
  serve();
  const AllocationCounter counter;
  serve();
  serve();
  EXPECT_EQ(counter.Read().count, 0);
  EXPECT_EQ(windows, 6);
}

}  // namespace
}  // namespace mlp
