// While a thread evaluates, it does no other work, not even that of threads that share its arena.

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "model/evaluator/evaluator.h"

namespace mlp {
namespace {

Network WideNetwork() {
  constexpr std::int64_t kWidth = 1024;
  Layer layer;
  layer.inputs = layer.units = kWidth;
  layer.dense().weights.assign(static_cast<std::size_t>(kWidth * kWidth), 0.5F);
  layer.dense().bias.assign(static_cast<std::size_t>(kWidth), 0.0F);
  auto network = Network::Create({"x", {kWidth}}, {std::move(layer)}, {{{"y", {kWidth}}, 0}});
  return std::move(network).value();
}

// Batches that are split by rows over threads, and batches of few rows that are split by units.
TEST(IsolationTest, AWaitingThreadRunsNoUnrelatedWork) {
  constexpr int kThreads = 4;
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, kThreads);
  tbb::task_arena arena(kThreads, /*reserved_for_masters=*/2);
  const Evaluator evaluator(WideNetwork(), 0.01, arena);
  const std::thread::id evaluating = std::this_thread::get_id();
  std::atomic<bool> ends = false;
  std::atomic<int> taken = 0;
  std::atomic<int> rounds = 0;
  std::thread others([&] {
    while (!ends) {
      arena.execute([&] {
        tbb::parallel_for(
            0, 64,
            [&](int) {
              taken += std::this_thread::get_id() == evaluating ? 1 : 0;
              std::this_thread::yield();
            },
            tbb::simple_partitioner());
      });
      ++rounds;
    }
  });
  for (const std::int64_t rows : {std::int64_t{256}, std::int64_t{8}}) {
    const std::vector<float> inputs(static_cast<std::size_t>(rows * 1024), 1.0F);
    std::vector<float> outputs(inputs.size());
    float* const output = outputs.data();
    Evaluator::Workspace workspace = evaluator.MakeWorkspace();
    NetworkActivity activity = MakeNetworkActivity(evaluator.network());
    for (int i = 0; i < 500; ++i) {
      evaluator.Evaluate(rows, inputs.data(), {&output, 1}, workspace, activity);
    }
  }
  ends = true;
  others.join();
  EXPECT_GT(rounds, 0);
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace mlp
