// The insight calls over a socket, answered by the test's own handlers.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/insight.grpc.pb.h"
#include "server/rpc/grpc_server.h"
#include "tests/server/rpc/calibrating.h"
#include "tests/server/rpc/insight_calls_test.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

TEST_F(InsightCallsTest, ReturnTheStatusAndBaselinesUnderEveryModelControl) {
  Start(ModelControl::kNone);
  for (const auto& [model, code] : {std::pair("", grpc::StatusCode::OK),
                                    {"small", grpc::StatusCode::OK},
                                    {"gone", grpc::StatusCode::NOT_FOUND}}) {
    grpc::ClientContext context;
    mlpserve::v1::StatusRequest request;
    request.set_model_name(model);
    mlpserve::v1::StatusResponse response;
    EXPECT_EQ(stub_->Status(&context, request, &response).error_code(), code);
    if (code == grpc::StatusCode::OK) {
      EXPECT_EQ(response.json(), absl::StrCat("{\"of\": \"", model, "\"}"));
    }
  }
  grpc::ClientContext context;
  mlpserve::v1::GetBaselineRequest request;
  request.set_model_name("small");
  mlpserve::v1::GetBaselineResponse response;
  ASSERT_TRUE(stub_->GetBaseline(&context, request, &response).ok());
  EXPECT_EQ(response.baseline(), "the file");
  const auto& summary = response.summary();
  EXPECT_EQ(summary.model_name(), "small");
  EXPECT_EQ(summary.model_version(), "3");
  EXPECT_EQ(summary.source(), "calibration");
  EXPECT_EQ(summary.created(), 1'764'424'800);
  EXPECT_EQ(summary.rows(), 2000);
  EXPECT_EQ(summary.windows(), 100);
  ASSERT_EQ(summary.targets_size(), 2);
  EXPECT_EQ(summary.targets(0).level(), 12.5);
  EXPECT_FALSE(summary.targets(0).accepted());
  EXPECT_EQ(summary.targets(1).layer(), "hidden_1");
  EXPECT_EQ(summary.targets(1).level(), 99);
  EXPECT_TRUE(summary.targets(1).accepted());
  ASSERT_EQ(summary.layers_size(), 1);
  EXPECT_EQ(summary.layers(0).lower_share(), 0.25);

  grpc::ClientContext other;
  request.set_model_name("other");
  EXPECT_EQ(stub_->GetBaseline(&other, request, &response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(InsightCallsTest, ChangeBaselinesOnlyUnderExplicitModelControl) {
  for (const ModelControl control :
       {ModelControl::kNone, ModelControl::kPoll, ModelControl::kExplicit}) {
    Start(control);
    grpc::ClientContext context;
    mlpserve::v1::AcceptWindowsRequest request;
    request.set_model_name("small");
    mlpserve::v1::AcceptWindowsResponse response;
    const grpc::Status status = stub_->AcceptWindows(&context, request, &response);
    if (control == ModelControl::kExplicit) {
      EXPECT_TRUE(status.ok()) << status.error_message();
      EXPECT_EQ(response.baseline(), "the file");
      EXPECT_EQ(response.summary().windows(), 100);
    } else {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
      EXPECT_THAT(status.error_message(), HasSubstr("expected explicit"));
      const grpc::Status calibrated = Calibrate(*stub_, {BeginOf("small")});
      EXPECT_EQ(calibrated.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    }
    server_.reset();
  }
}

}  // namespace
}  // namespace mlp
