// A lane of the small network.

#ifndef MLP_TESTS_SERVER_RPC_LANE_UNDER_TEST_H_
#define MLP_TESTS_SERVER_RPC_LANE_UNDER_TEST_H_

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "server/observe/metrics.h"
#include "server/rpc/infer_lane.h"
#include "server/rpc/message_bytes.h"
#include "tests/server/rpc/fake_call.h"
#include "tests/server/small_model.h"
#include "tests/server/small_request.h"

namespace mlp {

class LaneUnderTest final {
 public:
  LaneUnderTest()
      : metrics_(0.01, ActivityWindow{10'000}),
        table_(SmallModelRecords(arena_, metrics_)),
        lane_(
            table_.Find("small", "").value(), busy_,
            [](std::unique_ptr<InferJob> job) { job->SendAnswer(); },
            [this](std::unique_ptr<InferJob> job, RejectionReason reason) {
              refused_.push_back(reason);
              job->SendError(StatusOf(reason));
            }) {
    refused_.reserve(100);  // so that a test without memory can record them
  }

  void Push(FakeCall& call, std::int64_t rows = 1) {
    inference::ModelInferRequest message = SmallRequest(rows);
    message.set_model_name("small");
    grpc::ByteBuffer bytes;
    ASSERT_TRUE(EncodeMessage(message, bytes).ok());
    auto job = std::make_unique<InferJob>();
    job->Begin(call.slot, InferLane::Clock::now(), InferLane::Clock::time_point::max());
    ASSERT_FALSE(job->Read(bytes, table_).has_value());
    ASSERT_TRUE(lane_.Push(job));
  }

  bool Evaluate() { return lane_.EvaluateIfReady(InferLane::Clock::now(), /*at_once=*/true); }

  const InferLane& lane() const { return lane_; }
  Metrics& metrics() { return metrics_; }
  const std::vector<RejectionReason>& refused() const { return refused_; }

 private:
  tbb::task_arena arena_{1};
  Metrics metrics_;
  ModelTable table_;
  BusyThreads busy_;
  std::vector<RejectionReason> refused_;
  InferLane lane_;
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_RPC_LANE_UNDER_TEST_H_
