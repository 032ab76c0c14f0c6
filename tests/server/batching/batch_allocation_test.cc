// A batch allocates nothing once it has been as large before.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/batching/batch.h"
#include "tests/allocation_counter.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

TEST(BatchAllocationTest, StopsAfterTheWarmUp) {
  tbb::task_arena arena(1);
  const Evaluator evaluator(SmallNetwork(), 0.01, arena);
  Batch batch(evaluator, 64);
  const std::vector<float> values(std::size_t{2} * 40, 1.5F);
  const InputValues input{values.data(), Datatype::kFp32};
  NetworkActivity activity = MakeNetworkActivity(evaluator.network());
  const auto evaluate = [&] {
    for (const std::int64_t rows : {1, 40, 7}) batch.Add(rows, {&input, 1});
    batch.Evaluate(activity);
    batch.Clear();
  };
  evaluate();
  const AllocationCounter counter;
  for (int round = 0; round < 10; ++round) evaluate();
  EXPECT_EQ(counter.Read().count, 0);
}

}  // namespace
}  // namespace mlp
