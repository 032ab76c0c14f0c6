// The insight call that makes a baseline of the rows that it brings: its messages, its turn, its
// times and its end.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "proto/insight.grpc.pb.h"
#include "server/rpc/grpc_server.h"
#include "tests/eventually.h"
#include "tests/server/rpc/calibrating.h"
#include "tests/server/rpc/insight_calls_test.h"

namespace mlp {
namespace {

using mlpserve::v1::CalibrateRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(InsightCallsTest, MakeABaselineFromTheRowsTheyReceive) {
  Start(ModelControl::kExplicit);
  Calibrating call(*stub_);
  ASSERT_TRUE(call.Send(BeginOf("small", /*install=*/true)));
  ASSERT_TRUE(call.Send(ValuesOf({1, 2, 3})));
  ASSERT_TRUE(call.Send(ValuesOf({4})));
  std::thread ending([&] { EXPECT_TRUE(call.End().ok()); });
  EXPECT_TRUE(IsAsked());
  EXPECT_EQ(asked_.model, "small");
  EXPECT_EQ(asked_.version, "3");
  EXPECT_EQ(asked_.rows, 2);
  EXPECT_THAT(asked_.inputs, ElementsAre(ElementsAre(1, 2, 3, 4)));
  EXPECT_TRUE(asked_.install);
  EXPECT_FALSE(asked_.cancelled());
  Answer(BaselineOfTest());
  ending.join();
  EXPECT_EQ(call.response().baseline(), "the file");
  EXPECT_THAT(call.response().warnings(), ElementsAre("too few rows"));
  EXPECT_EQ(call.response().summary().rows(), 2000);
}

TEST_F(InsightCallsTest, RefuseCalibrationsThatAreWrong) {
  Start(ModelControl::kExplicit);
  CalibrateRequest nothing;
  CalibrateRequest too_long;
  too_long.mutable_values()->resize(70'000);
  struct Case {
    std::vector<CalibrateRequest> messages;
    grpc::StatusCode code;
    const char* message;
  };
  for (const Case& test_case : {
           Case{{},
                grpc::StatusCode::INVALID_ARGUMENT,
                "the call has no message; the first must name the model"},
           Case{{nothing}, grpc::StatusCode::INVALID_ARGUMENT, "the first message lacks 'begin'"},
           Case{{ValuesOf({1, 2})}, grpc::StatusCode::INVALID_ARGUMENT, "lacks 'begin'"},
           Case{{BeginOf("gone")}, grpc::StatusCode::NOT_FOUND, "'gone'"},
           Case{{BeginOf("small"), BeginOf("small")},
                grpc::StatusCode::INVALID_ARGUMENT,
                "a message after the first one has no values"},
           Case{{BeginOf("small"), ValuesOf({1, 2, 3})},
                grpc::StatusCode::INVALID_ARGUMENT,
                "the rows have 12 bytes; model 'small' expects 8 for each row"},
           Case{{BeginOf("small")}, grpc::StatusCode::INVALID_ARGUMENT, "at least one row"},
           Case{{BeginOf("small"), too_long},
                grpc::StatusCode::RESOURCE_EXHAUSTED,
                "expected at most 65536"},
       }) {
    const grpc::Status status = Calibrate(*stub_, test_case.messages);
    EXPECT_EQ(status.error_code(), test_case.code) << test_case.message << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(test_case.message));
  }
}

TEST_F(InsightCallsTest, MakeOneBaselineAtATime) {
  Start(ModelControl::kExplicit);
  const auto first = BeginCalibration();
  const auto other = NewStub();
  EXPECT_EQ(Calibrate(*other, {BeginOf("small"), ValuesOf({1, 2})}).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  // When a client goes away, its turn is released.
  first->Cancel();
  first->End();
  EXPECT_TRUE(Eventually([&] {
    return Calibrate(*other, {BeginOf("small")}).error_code() == grpc::StatusCode::INVALID_ARGUMENT;
  }));
}

// Clients that send rows for ever, seldom or without a pause, would keep all others out.
TEST_F(InsightCallsTest, EndACalibrationWhoseRowsTakeTooLong) {
  Start(ModelControl::kExplicit,
        {.silence = std::chrono::seconds(30), .rows = std::chrono::milliseconds(300)});
  for (const auto pause : {std::chrono::milliseconds(0), std::chrono::milliseconds(2'000)}) {
    Calibrating call(*stub_);
    ASSERT_TRUE(call.Send(BeginOf("small")));
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (call.Send(ValuesOf({1, 2})) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(pause);
    }
    EXPECT_LT(std::chrono::steady_clock::now(), end);
    call.Cancel();
    const auto other = NewStub();
    EXPECT_TRUE(Eventually([&] {
      return Calibrate(*other, {BeginOf("small")}).error_code() ==
             grpc::StatusCode::INVALID_ARGUMENT;
    }));
  }
  Calibrating late(*stub_);
  ASSERT_TRUE(late.Send(BeginOf("small")));
  // Without an end of its own: on a busy machine, that may arrive within the 300 ms, which begin
  // only when the server takes the call.
  const grpc::Status status = late.WaitForEnd();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("not all rows arrived within 300ms"));
}

TEST_F(InsightCallsTest, CancelACalibrationWhoseClientDisconnects) {
  Start(ModelControl::kExplicit);
  Calibrating call(*stub_);
  ASSERT_TRUE(call.Send(BeginOf("small")));
  ASSERT_TRUE(call.Send(ValuesOf({1, 2})));
  std::thread ending([&] { EXPECT_EQ(call.End().error_code(), grpc::StatusCode::CANCELLED); });
  EXPECT_TRUE(IsAsked());
  call.Cancel();
  EXPECT_TRUE(Eventually([&] { return asked_.cancelled(); }));
  ending.join();
  Answer(absl::CancelledError("nobody waits"));
}

TEST_F(InsightCallsTest, SayWhyThereIsNoBaseline) {
  Start(ModelControl::kExplicit);
  Calibrating call(*stub_);
  ASSERT_TRUE(call.Send(BeginOf("small")));
  ASSERT_TRUE(call.Send(ValuesOf({1, 2})));
  std::thread ending([&] {
    const grpc::Status status = call.End();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message(), "too few");
  });
  EXPECT_TRUE(IsAsked());
  Answer(absl::InvalidArgumentError("too few"));
  ending.join();
}

// A step of a calibration may take any time, and its outcome may arrive after the calls are gone.
TEST_F(InsightCallsTest, ACalibrationInProgressDoesNotDelayTheShutdown) {
  Start(ModelControl::kExplicit);
  Calibrating call(*stub_);
  ASSERT_TRUE(call.Send(BeginOf("small")));
  ASSERT_TRUE(call.Send(ValuesOf({1, 2})));
  std::thread ending([&] { EXPECT_EQ(call.End().error_code(), grpc::StatusCode::UNAVAILABLE); });
  EXPECT_TRUE(IsAsked());
  server_->Stop(std::chrono::seconds(300));
  ending.join();
  server_.reset();
  Answer(BaselineOfTest());
}

TEST_F(InsightCallsTest, EndWithTheServer) {
  Start(ModelControl::kExplicit);
  const auto sending = BeginCalibration();
  std::thread ending(
      [&] { EXPECT_EQ(sending->WaitForEnd().error_code(), grpc::StatusCode::UNAVAILABLE); });
  // A read that waits for the client does not delay the stop.
  server_->Stop(std::chrono::seconds(300));
  ending.join();
  server_.reset();
}

}  // namespace
}  // namespace mlp
