#include "server/rpc/infer_lane.h"

#include <gmock/gmock.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/observe/metrics.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A request that comes from no call, and whose answer may fail to be encoded.
class FakeJob final : public InferJob {
 public:
  bool Cancelled() const override { return false; }
  std::string Connection() const override { return "none"; }
  void SendAnswer() override { sent = absl::OkStatus(); }
  void SendError(const absl::Status& status) override { sent = status; }

  bool encodes = true;
  std::optional<absl::Status> sent;  // what the client got

 protected:
  grpc::Status Encode(grpc::ByteBuffer& /*bytes*/) const override {
    return encodes ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INTERNAL, "too large");
  }
};

class InferLaneTest : public ::testing::Test {
 protected:
  InferLaneTest() : metrics_(0.01, ActivityWindow{10'000}), table_(Records()) {
    model_ = table_.Find("small", "").value();
    lane_.emplace(
        model_, busy_, [](InferJob& /*job*/) {},
        [this](InferJob& job, RejectionReason reason) {
          refused_.push_back(reason);
          job.SendError(StatusOf(reason));
        });
  }

  std::vector<ModelRecord> Records() {
    std::vector<ModelVersion> versions(1);
    versions[0].name = "small";
    versions[0].version = 1;
    versions[0].network = SmallNetwork();
    return ServeVersions(std::move(versions), {}, arena_, metrics_);
  }

  void Push(FakeJob& job) {
    inference::ModelInferRequest message;
    message.set_model_name("small");
    auto& input = *message.add_inputs();
    input.set_name("x");
    input.set_datatype("FP32");
    input.add_shape(1);
    input.add_shape(2);
    message.add_raw_input_contents(std::string(8, '\0'));
    grpc::ByteBuffer bytes;
    bool own = false;
    ASSERT_TRUE(
        grpc::SerializationTraits<inference::ModelInferRequest>::Serialize(message, &bytes, &own)
            .ok());
    ASSERT_FALSE(job.Read(bytes, table_).has_value());
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
  FakeJob right;
  FakeJob wrong;
  wrong.encodes = false;
  Push(wrong);
  Push(right);
  ASSERT_TRUE(lane_->EvaluateIfReady(InferLane::Clock::now(), /*at_once=*/true));
  ASSERT_TRUE(right.sent.has_value() && wrong.sent.has_value());
  EXPECT_TRUE(right.sent->ok());
  EXPECT_EQ(wrong.sent->code(), absl::StatusCode::kInternal);
  EXPECT_THAT(refused_, ElementsAre(RejectionReason::kFailed)) << "which the worker counts";
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(mlp_requests_total{code="OK",model="small",version="1"} 1)"));
}

}  // namespace
}  // namespace mlp
