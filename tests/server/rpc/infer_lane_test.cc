#include "server/rpc/infer_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/rpc/lane_under_test.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(InferLaneTest, CountsAnAnswerThatCannotBeEncodedUnderTheStatusCodeOfItsClient) {
  LaneUnderTest tested;
  FakeCall right;
  FakeCall wrong(AnswerSlot::Form::kUnary, /*most_bytes=*/1);
  tested.Push(wrong);
  tested.Push(right);
  ASSERT_TRUE(tested.Evaluate());
  ASSERT_TRUE(right.slot.answered() && wrong.slot.answered());
  EXPECT_TRUE(right.slot.status().ok());
  EXPECT_GT(right.slot.bytes.Length(), 0);
  EXPECT_EQ(wrong.slot.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(wrong.slot.bytes.Length(), 0);
  EXPECT_THAT(tested.refused(), ElementsAre(RejectionReason::kFailed)) << "which the worker counts";
  EXPECT_THAT(tested.metrics().Expose(),
              HasSubstr(R"(mlp_requests_total{code="OK",model="small",version="1"} 1)"));
}

TEST(InferLaneTest, WatchesTheRowsOfABatch) {
  LaneUnderTest tested;
  FakeCall calls[2];
  tested.Push(calls[0], /*rows=*/3);
  tested.Push(calls[1]);
  ASSERT_TRUE(tested.Evaluate());
  EXPECT_THAT(tested.metrics().Expose(),
              HasSubstr("mlp_watched_rows_total{model=\"small\",version=\"1\"} 4\n"));
}

TEST(InferLaneTest, RefusesARequestOfADisconnectedClient) {
  LaneUnderTest tested;
  FakeCall gone;
  FakeCall present;
  tested.Push(gone);
  tested.Push(present);
  gone.over.Complete(true);
  ASSERT_TRUE(tested.Evaluate());
  EXPECT_THAT(tested.refused(), ElementsAre(RejectionReason::kCancelled));
  EXPECT_TRUE(present.slot.answered());
  EXPECT_TRUE(present.slot.status().ok());
}

}  // namespace
}  // namespace mlp
