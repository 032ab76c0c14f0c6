// The Client's calls that only mlpserve serves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "client/client.h"
#include "tests/client/fake_server.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Client ConnectTo(const FakeServer& server, int timeout_ms = 30'000) {
  ClientOptions options;
  options.timeout = std::chrono::milliseconds(timeout_ms);
  return Client::Create(server.address(), options).value();
}

void FillSummary(mlpserve::v1::BaselineSummary& summary) {
  summary.set_model_name("m");
  summary.set_model_version("3");
  summary.set_source("calibration");
  summary.set_created(1'764'424'800);
  summary.set_rows(2000);
  summary.set_windows(120);
  for (const char* name : {"inputs", "hidden_1", "outputs"}) {
    auto& target = *summary.add_targets();
    target.set_layer(name);
    target.set_components(16);
    target.set_level(31.5);
    target.set_accepted(true);
  }
  for (const char* name : {"hidden_1", "output", "sum_1"}) {
    auto& layer = *summary.add_layers();
    layer.set_layer(name);
    layer.set_lower_share(0.25);
    layer.set_gradient_gain(0.5);
  }
}

TEST(ClientInsightTest, ReturnsTheStatusUnchanged) {
  FakeServer server;
  server.status = [](const auto& request, auto& response) -> grpc::Status {
    if (request.model_name() == "gone") return {grpc::StatusCode::NOT_FOUND, "not there"};
    response.set_json("{\"of\": \"" + request.model_name() + "\"}");
    return grpc::Status::OK;
  };
  const Client client = ConnectTo(server);
  EXPECT_EQ(client.StatusJson().value(), "{\"of\": \"\"}");
  EXPECT_EQ(client.StatusJson("m", [] { return true; }).value(), "{\"of\": \"m\"}");
  EXPECT_EQ(client.StatusJson("gone").status(), absl::NotFoundError("not there"));
}

TEST(ClientInsightTest, CancelsAStatusCallWhenAskedOrAtTheTimeout) {
  std::atomic<bool> answered = false;  // outlives the calls, which end with the server
  FakeServer server;
  server.status = [&](const auto& /*request*/, auto& /*response*/) {
    while (!answered) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return grpc::Status::OK;
  };
  EXPECT_EQ(ConnectTo(server).StatusJson("", [] { return false; }).status().code(),
            absl::StatusCode::kCancelled);
  const absl::Status late = ConnectTo(server, /*timeout_ms=*/150).StatusJson().status();
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(late.message()), StartsWith("no answer from 127.0.0.1:"));
  answered = true;
}

TEST(ClientInsightTest, GivesABaselineWithItsLayers) {
  FakeServer server;
  server.baseline = [](const auto& request, auto& response) -> grpc::Status {
    if (request.model_version() != "3") {
      return {grpc::StatusCode::FAILED_PRECONDITION, "no baseline"};
    }
    response.set_baseline("bytes");
    FillSummary(*response.mutable_summary());
    return grpc::Status::OK;
  };
  const Client client = ConnectTo(server);
  EXPECT_EQ(client.Baseline("m").status(), absl::FailedPreconditionError("no baseline"));
  const absl::StatusOr<BaselineFile> baseline = client.Baseline("m", "3");
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_EQ(baseline->contents, "bytes");
  EXPECT_EQ(baseline->model, "m");
  EXPECT_EQ(baseline->version, "3");
  EXPECT_EQ(baseline->rows, 2000);
  EXPECT_EQ(baseline->windows, 120);
  ASSERT_EQ(baseline->layers.size(), 4U);
  EXPECT_EQ(baseline->layers[0].name, "inputs");
  EXPECT_FALSE(baseline->layers[0].has_reference);
  EXPECT_EQ(baseline->layers[1].level, 31.5);
  EXPECT_TRUE(baseline->layers[1].has_reference);
  EXPECT_EQ(baseline->layers[1].lower_share, 0.25);
  // The output layer is the target "outputs".
  EXPECT_EQ(baseline->layers[2].name, "outputs");
  EXPECT_TRUE(baseline->layers[2].has_reference);
  EXPECT_EQ(baseline->layers[3].name, "sum_1");
  EXPECT_EQ(baseline->layers[3].components, 0);
}

TEST(ClientInsightTest, RefusesAnswersThatContradictThemselves) {
  FakeServer server;
  std::string bytes;
  std::int64_t rows = 1;
  server.accept_windows = [&](const auto& /*request*/, auto& response) {
    response.set_baseline(bytes);
    response.mutable_summary()->set_rows(rows);
    return grpc::Status::OK;
  };
  const Client client = ConnectTo(server);
  EXPECT_THAT(std::string(client.AcceptWindows("m").status().message()),
              StartsWith("malformed answer: "));
  bytes = "some";
  EXPECT_TRUE(client.AcceptWindows("m").ok());
  rows = -1;
  EXPECT_EQ(client.AcceptWindows("m").status().code(), absl::StatusCode::kInternal);
}

class CalibrateTest : public ::testing::Test {
 protected:
  CalibrateTest() {
    server_.calibrate = [this](const auto& messages, auto& response) -> grpc::Status {
      if (messages.empty() || !messages.front().has_begin()) {
        return {grpc::StatusCode::INVALID_ARGUMENT, "no begin"};
      }
      begin_ = messages.front().begin();
      for (std::size_t i = 1; i < messages.size(); ++i) {
        largest_ = std::max(largest_, messages[i].values().size());
        bytes_ += messages[i].values();
      }
      response.set_baseline("bytes");
      FillSummary(*response.mutable_summary());
      response.add_warnings("too few rows");
      return grpc::Status::OK;
    };
  }

  mlpserve::v1::CalibrateRequest::Begin begin_;
  std::string bytes_;
  std::size_t largest_ = 0;
  // Declared last, so it is destroyed first: the call of a client that has gone still writes to the
  // others.
  FakeServer server_;
};

TEST_F(CalibrateTest, SendsTheRowsInPartsAndGivesTheBaseline) {
  std::vector<float> values(100'001);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 7.0F;
  values[3] = std::numeric_limits<float>::quiet_NaN();
  std::int64_t sent = -1;
  bool grows = true;
  const absl::StatusOr<BaselineFile> baseline =
      ConnectTo(server_).Calibrate({"m", "3", true}, values, [&](std::int64_t now) {
        grows = grows && now >= sent;
        sent = now;
        return true;
      });
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_EQ(baseline->contents, "bytes");
  EXPECT_THAT(baseline->warnings, ElementsAre("too few rows"));
  EXPECT_EQ(begin_.model_name(), "m");
  EXPECT_EQ(begin_.model_version(), "3");
  EXPECT_TRUE(begin_.install());
  ASSERT_EQ(bytes_.size(), values.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(bytes_.data(), values.data(), bytes_.size()), 0);
  // The server accepts no longer messages.
  EXPECT_LE(largest_, 65'000U);
  EXPECT_EQ(sent, 100'001);
  EXPECT_TRUE(grows);
}

TEST_F(CalibrateTest, ReportsARefusalInTheMiddleOfTheCall) {
  server_.calibrate = nullptr;  // UNIMPLEMENTED
  const std::vector<float> values(1'000'000);
  const absl::Status status = ConnectTo(server_).Calibrate({"m"}, values).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
}

TEST_F(CalibrateTest, EndsTheCallWhenAsked) {
  const std::vector<float> values(1'000'000);
  const absl::Status status =
      ConnectTo(server_)
          .Calibrate({"m"}, values, [](std::int64_t sent) { return sent < 500'000; })
          .status();
  EXPECT_EQ(status, absl::CancelledError("interrupted"));
}

TEST_F(CalibrateTest, ReportsThatNoServerListens) {
  const Client client = Client::Create("127.0.0.1:1").value();
  EXPECT_EQ(client.Calibrate({"m"}, std::vector<float>(4)).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace mlp
