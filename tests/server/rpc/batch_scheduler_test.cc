#include "server/rpc/batch_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/message_bytes.h"
#include "tests/server/rpc/fake_call.h"
#include "tests/server/rpc/scheduler_test.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"
#include "tests/server/small_request.h"

namespace mlp {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class BatchSchedulerTest : public SchedulerTest {
 protected:
  void Publish(const std::string& name, const Scheduling& scheduling = {}) {
    std::vector<ModelVersion> versions(1);
    versions[0].name = name;
    versions[0].version = 1;
    versions[0].network = SmallNetwork();
    versions[0].settings.scheduling = scheduling;
    catalog_.Publish(std::make_shared<const ModelTable>(
        ServeVersions(std::move(versions), {}, arena_, metrics_)));
  }

  static Scheduling DelayedBy(std::chrono::microseconds delay) {
    Scheduling scheduling;
    scheduling.max_queue_delay = delay;
    return scheduling;
  }

  // Submits a request of one row for `model`.
  void Submit(FakeCall& call, const std::string& model = "small",
              Clock::time_point deadline = Clock::time_point::max()) {
    SubmitTo(scheduler_, call, model, deadline);
  }

  void SubmitTo(BatchScheduler& scheduler, FakeCall& call, const std::string& model,
                Clock::time_point deadline) const {
    inference::ModelInferRequest message = SmallRequest(1);
    message.set_model_name(model);
    message.set_id("seven");
    grpc::ByteBuffer bytes;
    ASSERT_TRUE(EncodeMessage(message, bytes).ok());
    scheduler.Submit(bytes, {now_, now_, deadline, [] { return std::string("peer"); }}, call.slot);
  }

  // Nothing of a request is counted as admitted any more. Its answer counts elsewhere until it is
  // sent.
  void ExpectNothingAdmitted() const {
    EXPECT_EQ(admission_.rows(), 0);
    EXPECT_EQ(admission_.bytes(), 0);
  }

  Clock::time_point now_ = Clock::now();
};

TEST_F(BatchSchedulerTest, AnswersAllWaitingRequestsInOneBatch) {
  Publish("small");
  FakeCall calls[3];
  for (FakeCall& call : calls) Submit(call);
  for (const FakeCall& call : calls) EXPECT_FALSE(call.slot.answered());
  EXPECT_TRUE(admission_.rows() == 3 && admission_.bytes() > 0 && answers_.bytes() > 0);

  EXPECT_EQ(scheduler_.EvaluateRound(now_), Clock::time_point::max());
  for (FakeCall& call : calls) {
    ASSERT_TRUE(call.slot.answered());
    EXPECT_TRUE(call.slot.status().ok()) << call.slot.status();
    inference::ModelInferResponse answer;
    ASSERT_TRUE(DecodeMessage(call.slot.bytes, answer).ok());
    EXPECT_EQ(answer.id(), "seven");
    call.slot.Clear();
  }
  ExpectNothingAdmitted();
  EXPECT_EQ(answers_.bytes(), 0);
  EXPECT_EQ(scheduler_.arrivals(), 3);
  EXPECT_FALSE(scheduler_.busy());
  const std::string page = metrics_.Expose();
  EXPECT_THAT(page, HasSubstr(R"(mlp_batch_rows_count{model="small",version="1"} 1)"));
  EXPECT_THAT(page, HasSubstr(R"(mlp_requests_total{code="OK",model="small",version="1"} 3)"));
}

// As in NumPy, no rows give no rows, and there is nothing to wait for.
TEST_F(BatchSchedulerTest, AnswersZeroRowsImmediatelyWithZeroRows) {
  Publish("small", DelayedBy(milliseconds(10)));
  for (const bool raw : {true, false}) {
    inference::ModelInferRequest message = SmallRequest(1);
    message.set_model_name("small");
    message.set_id("seven");
    message.mutable_inputs(0)->set_shape(0, 0);
    message.clear_raw_input_contents();
    if (raw) message.add_raw_input_contents();
    grpc::ByteBuffer bytes;
    ASSERT_TRUE(EncodeMessage(message, bytes).ok());
    FakeCall call;
    scheduler_.Submit(bytes, {now_, now_, Clock::time_point::max(), nullptr}, call.slot);
    ASSERT_TRUE(call.slot.answered());
    ASSERT_TRUE(call.slot.status().ok()) << call.slot.status();
    inference::ModelInferResponse answer;
    ASSERT_TRUE(DecodeMessage(call.slot.bytes, answer).ok());
    EXPECT_EQ(answer.id(), "seven");
    ASSERT_EQ(answer.outputs_size(), 2);
    for (const auto& output : answer.outputs()) EXPECT_EQ(output.shape(0), 0);
    EXPECT_EQ(answer.raw_output_contents_size(), raw ? 2 : 0);
    call.slot.Clear();
  }
  ExpectNothingAdmitted();
  EXPECT_EQ(answers_.bytes(), 0);
  EXPECT_FALSE(scheduler_.busy());
  const std::string page = metrics_.Expose();
  EXPECT_THAT(page, HasSubstr(R"(mlp_requests_total{code="OK",model="small",version="1"} 2)"));
  EXPECT_THAT(page,
              HasSubstr(R"(mlp_request_duration_seconds_count{model="small",version="1"} 2)"));
  EXPECT_THAT(page, HasSubstr(R"(mlp_batch_rows_count{model="small",version="1"} 0)"));
  const auto model = catalog_.Get()->Find("small", "");
  ASSERT_TRUE(model.ok());
  const StatisticsSummary summary = (*model)->instruments.statistics->Read();
  EXPECT_EQ(summary.success.count, 2U);
  EXPECT_EQ(summary.queue.count, 2U);
  EXPECT_EQ(summary.rows, 0U);
  EXPECT_EQ(summary.batches, 0U);
}

TEST_F(BatchSchedulerTest, RefusesRequestsForUnknownModelsImmediately) {
  Publish("small");
  FakeCall unknown;
  Submit(unknown, "other");
  ASSERT_TRUE(unknown.slot.answered());
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  const grpc::Slice slice("\xff\xff\xff");
  grpc::ByteBuffer bytes(&slice, 1);
  FakeCall broken;
  scheduler_.Submit(bytes, {now_, now_, Clock::time_point::max(), nullptr}, broken.slot);
  ASSERT_TRUE(broken.slot.answered());
  EXPECT_EQ(broken.code(), absl::StatusCode::kInvalidArgument);
  ExpectNothingAdmitted();
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr(R"(mlp_rejected_total{model="",reason="unknown_model"} 1)"));
}

TEST_F(BatchSchedulerTest, AnErrorInAStreamIsAnAnswer) {
  Publish("small");
  FakeCall stream(AnswerSlot::Form::kStreamed);
  scheduler_.Refuse();
  Submit(stream);
  ASSERT_TRUE(stream.slot.answered());
  EXPECT_TRUE(stream.slot.status().ok());
  inference::ModelStreamInferResponse answer;
  ASSERT_TRUE(DecodeMessage(stream.slot.bytes, answer).ok());
  EXPECT_THAT(answer.error_message(), HasSubstr("stopping"));
}

TEST_F(BatchSchedulerTest, WaitsForOthersAsLongAsTheModelSays) {
  Publish("small", DelayedBy(milliseconds(10)));
  FakeCall call;
  Submit(call);
  EXPECT_EQ(scheduler_.EvaluateRound(now_), now_ + milliseconds(10));
  EXPECT_TRUE(scheduler_.busy());
  scheduler_.EvaluateRound(now_ + milliseconds(9));
  EXPECT_FALSE(call.slot.answered());
  scheduler_.EvaluateRound(now_ + milliseconds(10));
  EXPECT_TRUE(call.slot.answered());
}

TEST_F(BatchSchedulerTest, EvaluatesWaitingRequestsImmediatelyOnceItRefuses) {
  Publish("small", DelayedBy(milliseconds(10)));
  FakeCall before;
  FakeCall after;
  Submit(before);
  scheduler_.Refuse();
  Submit(after);
  ASSERT_TRUE(after.slot.answered());
  EXPECT_EQ(after.code(), absl::StatusCode::kUnavailable);
  scheduler_.EvaluateRound(now_);
  ASSERT_TRUE(before.slot.answered());
  EXPECT_TRUE(before.slot.status().ok()) << before.slot.status();
  ExpectNothingAdmitted();
}

TEST_F(BatchSchedulerTest, EvaluatesNoCancelledOrOverdueRequests) {
  Publish("small", DelayedBy(milliseconds(10)));
  FakeCall gone;
  FakeCall late;
  Submit(gone);
  Submit(late, "small", now_ + milliseconds(1));
  gone.over.Complete(true);
  scheduler_.EvaluateRound(now_ + milliseconds(10));
  ASSERT_TRUE(gone.slot.answered() && late.slot.answered());
  EXPECT_EQ(gone.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded);
  ExpectNothingAdmitted();
  EXPECT_EQ(answers_.bytes(), 0);
}

// Dashboards show refusals by model.
TEST_F(BatchSchedulerTest, CountsRequestsRefusedBeforeTheyAreReadForTheirModel) {
  Publish("small", DelayedBy(milliseconds(10)));
  AdmissionOptions options;
  options.max_queue_bytes = 1;
  AdmissionControl admission(options);
  BatchScheduler scheduler(catalog_, {admission, answers_}, busy_, metrics_);
  FakeCall first;
  FakeCall second;
  SubmitTo(scheduler, first, "small", Clock::time_point::max());
  SubmitTo(scheduler, second, "small", Clock::time_point::max());
  ASSERT_TRUE(second.slot.answered());
  EXPECT_EQ(second.code(), absl::StatusCode::kResourceExhausted);
  const std::string page = metrics_.Expose();
  EXPECT_THAT(page, HasSubstr(R"(mlp_rejected_total{model="small",reason="queue_bytes"} 1)"));
  EXPECT_THAT(
      page,
      HasSubstr(R"(mlp_requests_total{code="RESOURCE_EXHAUSTED",model="small",version="1"} 1)"));
  scheduler.EvaluateRound(now_ + milliseconds(10));
  EXPECT_TRUE(first.slot.answered());
  EXPECT_EQ(admission.bytes(), 0);
}

TEST_F(BatchSchedulerTest, RefusesMoreThanTheModelsQueueHolds) {
  Scheduling scheduling;
  scheduling.levels[0].max_queue_size = 1;
  Publish("small", scheduling);
  FakeCall first;
  FakeCall second;
  Submit(first);
  const std::int64_t bytes_of_one = admission_.bytes();
  Submit(second);
  ASSERT_TRUE(second.slot.answered());
  EXPECT_EQ(second.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(admission_.bytes(), bytes_of_one);
  EXPECT_EQ(admission_.rows(), 1);
  scheduler_.EvaluateRound(now_);
  EXPECT_TRUE(first.slot.answered());
}

TEST_F(BatchSchedulerTest, KeepsARemovedModelUntilItsLastRequestIsAnswered) {
  Publish("small", DelayedBy(milliseconds(10)));
  FakeCall call;
  Submit(call);
  const std::weak_ptr<const ServedModel> model = catalog_.Get()->Find("small", "").value();
  Publish("other");
  scheduler_.EvaluateRound(now_);
  EXPECT_TRUE(scheduler_.keeps_models());
  EXPECT_FALSE(model.expired());
  FakeCall too_late;
  Submit(too_late);
  EXPECT_EQ(too_late.code(), absl::StatusCode::kNotFound);

  scheduler_.EvaluateRound(now_ + milliseconds(10));
  ASSERT_TRUE(call.slot.answered());
  EXPECT_TRUE(call.slot.status().ok()) << call.slot.status();
  EXPECT_FALSE(scheduler_.keeps_models());
  EXPECT_TRUE(model.expired());
}

}  // namespace
}  // namespace mlp
