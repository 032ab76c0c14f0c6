// If memory runs out, no request that a lane has accepted is lost or counted twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/allocation_counter.h"
#include "tests/server/rpc/lane_under_test.h"

namespace mlp {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

// A full batch, so next to other rows the request is answered in two pieces.
constexpr std::int64_t kManyRows = 4'096;
constexpr std::int64_t kMaxAllocations = 1'000;

// True if all batches were evaluated and answered without needing more than `allocations`
// allocations.
bool AnswersOnceWith(std::int64_t allocations) {
  LaneUnderTest tested;
  FakeCall calls[3];
  tested.Push(calls[0]);
  tested.Push(calls[1], kManyRows);
  tested.Push(calls[2], /*rows=*/2);
  bool evaluated = false;
  {
    const FailingAllocations failing(allocations);
    evaluated = tested.Evaluate();
  }
  // Memory is available again.
  for (int i = 0; i < 100 && !tested.lane().queue().empty(); ++i) tested.Evaluate();

  int answers = 0;
  for (const FakeCall& call : calls) {
    EXPECT_TRUE(call.slot.answered());
    EXPECT_EQ(call.slot.status().ok(), call.slot.bytes.Length() > 0);
    answers += call.slot.status().ok() ? 1 : 0;
  }
  EXPECT_THAT(tested.refused(), Each(RejectionReason::kMemory));
  EXPECT_EQ(answers + static_cast<int>(tested.refused().size()), 3) << "each is answered once";
  const std::string page = tested.metrics().Expose();
  if (answers > 0) {
    EXPECT_THAT(
        page, HasSubstr(absl::StrCat(R"(mlp_requests_total{code="OK",model="small",version="1"} )",
                                     answers, "\n")));
  }
  return evaluated && answers == 3;
}

TEST(InferLaneAllocationTest, AnswersEachRequestOnceWhicheverAllocationFails) {
  std::int64_t allocations = 0;
  while (allocations < kMaxAllocations) {
    SCOPED_TRACE(allocations);
    if (AnswersOnceWith(allocations)) break;
    ASSERT_FALSE(HasFailure());
    ++allocations;
  }
  EXPECT_GT(allocations, 0) << "nothing was allocated, so nothing failed";
  EXPECT_LT(allocations, kMaxAllocations);
}

}  // namespace
}  // namespace mlp
