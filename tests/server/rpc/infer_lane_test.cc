#include "server/rpc/infer_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/observe/metrics.h"
#include "server/rpc/message_bytes.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"
#include "tests/server/small_request.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Where an answer goes that nobody sends.
struct FakeCall {
  explicit FakeCall(std::size_t most_bytes = AnswerSlot::kMostBytes)
      : slot(AnswerSlot::Form::kUnary, over, wakeup, most_bytes) {}
  Wakeup wakeup;
  CompletionTag over{wakeup};
  AnswerSlot slot;
};

class InferLaneTest : public ::testing::Test {
 protected:
  InferLaneTest() : metrics_(0.01, ActivityWindow{10'000}), table_(Records()) {
    model_ = table_.Find("small", "").value();
    lane_.emplace(
        model_, busy_, [](std::unique_ptr<InferJob> job) { job->SendAnswer(); },
        [this](std::unique_ptr<InferJob> job, RejectionReason reason) {
          refused_.push_back(reason);
          job->SendError(StatusOf(reason));
        });
  }

  std::vector<ModelRecord> Records() {
    std::vector<ModelVersion> versions(1);
    versions[0].name = "small";
    versions[0].version = 1;
    versions[0].network = SmallNetwork();
    return ServeVersions(std::move(versions), {}, arena_, metrics_);
  }

  void Push(FakeCall& call) {
    inference::ModelInferRequest message = SmallRequest(1);
    message.set_model_name("small");
    grpc::ByteBuffer bytes;
    ASSERT_TRUE(EncodeMessage(message, bytes).ok());
    auto job = std::make_unique<InferJob>();
    job->Begin(call.slot, InferLane::Clock::now(), InferLane::Clock::time_point::max());
    ASSERT_FALSE(job->Read(bytes, table_).has_value());
    ASSERT_TRUE(lane_->Push(job));
  }

  tbb::task_arena arena_{1};
  Metrics metrics_;
  ModelTable table_;
  BusyThreads busy_;
  std::shared_ptr<const ServedModel> model_;
  std::optional<InferLane> lane_;
  std::vector<RejectionReason> refused_;
};

TEST_F(InferLaneTest, CountsAnAnswerThatCannotBeEncodedByWhatItsClientGets) {
  FakeCall right;
  FakeCall wrong(/*most_bytes=*/1);
  Push(wrong);
  Push(right);
  ASSERT_TRUE(lane_->EvaluateIfReady(InferLane::Clock::now(), /*at_once=*/true));
  ASSERT_TRUE(right.slot.answered() && wrong.slot.answered());
  EXPECT_TRUE(right.slot.status().ok());
  EXPECT_GT(right.slot.bytes.Length(), 0);
  EXPECT_EQ(wrong.slot.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(wrong.slot.bytes.Length(), 0);
  EXPECT_THAT(refused_, ElementsAre(RejectionReason::kFailed)) << "which the worker counts";
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(mlp_requests_total{code="OK",model="small",version="1"} 1)"));
}

TEST_F(InferLaneTest, RefusesARequestWhoseClientHasGone) {
  FakeCall gone;
  FakeCall there;
  Push(gone);
  Push(there);
  gone.over.Complete(true);
  ASSERT_TRUE(lane_->EvaluateIfReady(InferLane::Clock::now(), /*at_once=*/true));
  EXPECT_THAT(refused_, ElementsAre(RejectionReason::kCancelled));
  EXPECT_TRUE(there.slot.answered());
  EXPECT_TRUE(there.slot.status().ok());
}

}  // namespace
}  // namespace mlp
