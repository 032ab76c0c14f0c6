// The insight calls over a socket, answered by the test's own handlers.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/drift/accepted_windows.h"
#include "proto/insight.grpc.pb.h"
#include "server/observe/log_control.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/request_log.h"
#include "tests/eventually.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using mlpserve::v1::CalibrateRequest;
using mlpserve::v1::CalibrateResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A baseline of the model "small". Accepted windows judge its second target.
VersionBaseline BaselineOfTest() {
  Baseline baseline;
  baseline.rows = 2000;
  baseline.created = std::chrono::system_clock::from_time_t(1'764'424'800);
  baseline.targets.resize(2);
  baseline.targets[0].name = "inputs";
  baseline.targets[0].components = 4;
  baseline.targets[0].level = 12.5;
  baseline.targets[1].name = "hidden_1";
  baseline.targets[1].components = 4;
  baseline.targets[1].level = 13;
  baseline.accepted.resize(2);
  AcceptedFigures accepted;
  accepted.windows.resize(400);
  accepted.mean.resize(4);
  accepted.level = 99;
  baseline.accepted[1] = std::make_shared<const AcceptedWindows>(std::move(accepted));
  baseline.layers.resize(1);
  baseline.layers[0].layer = "hidden_1";
  baseline.layers[0].lower_share = 0.25;
  return {"small",
          "3",
          std::make_shared<const Baseline>(std::move(baseline)),
          "the file",
          {"too few rows"}};
}

class InsightCallsTest : public ::testing::Test {
 protected:
  void Start(ModelControl control, const CalibrationTimes& times = {}) {
    std::vector<ModelVersion> versions(1);
    versions[0].name = "small";
    versions[0].version = 3;
    versions[0].network = SmallNetwork();
    models_.Publish(std::make_shared<const ModelTable>(
        ServeVersions(std::move(versions), EvaluationOptions(), arena_, metrics_)));
    ModelManagerOptions options;
    options.control = control;
    manager_.emplace(std::move(options), models_, metrics_, arena_, log_);
    InsightHandlers handlers;
    handlers.status_json = [](const std::string& model) -> absl::StatusOr<std::string> {
      if (model == "gone") return absl::NotFoundError("model 'gone' is unknown");
      return absl::StrCat("{\"of\": \"", model, "\"}");
    };
    handlers.baseline = [](const std::string& model,
                           const std::string& version) -> absl::StatusOr<VersionBaseline> {
      if (model != "small") return absl::FailedPreconditionError("no baseline");
      VersionBaseline baseline = BaselineOfTest();
      baseline.version = version.empty() ? "3" : version;
      return baseline;
    };
    handlers.accept_windows = [](const std::string& /*model*/, const std::string& /*version*/,
                                 const Insight::Done& done) { done(BaselineOfTest()); };
    handlers.calibrate = [this](CalibrationRequest request, Insight::Done done) {
      const std::lock_guard lock(mutex_);
      asked_ = std::move(request);
      done_ = std::move(done);
    };
    handlers.calibration_times = times;
    GrpcServerOptions server_options;
    server_options.address = "127.0.0.1:0";
    auto server = GrpcServer::Start(server_options, models_, *manager_, std::move(handlers),
                                    answers_, metrics_, requests_, log_control_, {gate_, nullptr});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = NewStub();
  }

  // A stub with a separate connection.
  std::unique_ptr<mlpserve::v1::Insight::Stub> NewStub() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return mlpserve::v1::Insight::NewStub(
        grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                  grpc::InsecureChannelCredentials(), arguments));
  }

  // Waits until the handler has rows to make a baseline of. Returns whether it has.
  bool IsAsked() {
    return Eventually([this] {
      const std::lock_guard lock(mutex_);
      return done_ != nullptr;
    });
  }

  void Answer(absl::StatusOr<VersionBaseline> baseline) {
    Insight::Done done;
    {
      const std::lock_guard lock(mutex_);
      done = std::exchange(done_, nullptr);
    }
    done(std::move(baseline));
  }

  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::null_sink_mt>()};
  LogLevels levels_{spdlog::level::info};
  LogControl log_control_{log_, levels_, LogFormat::kText};
  RequestLog requests_{log_, levels_, std::chrono::milliseconds(0)};
  Access access_{/*plaintext_tokens=*/false};
  AuditLog audit_{log_};
  CallGate gate_{{}, access_, audit_};
  ModelCatalog models_{metrics_};
  AnswerBudget answers_{std::int64_t{64} << 20};
  std::optional<ModelManager> manager_;
  std::mutex mutex_;
  CalibrationRequest asked_;
  Insight::Done done_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<mlpserve::v1::Insight::Stub> stub_;
};

CalibrateRequest BeginOf(const std::string& model, bool install = false) {
  CalibrateRequest message;
  message.mutable_begin()->set_model_name(model);
  message.mutable_begin()->set_install(install);
  return message;
}

CalibrateRequest ValuesOf(const std::vector<float>& values) {
  CalibrateRequest message;
  message.mutable_values()->resize(values.size() * sizeof(float));
  std::memcpy(message.mutable_values()->data(), values.data(), message.values().size());
  return message;
}

// A call that a test sends message by message.
class Calibrating final {
 public:
  explicit Calibrating(mlpserve::v1::Insight::Stub& stub)
      : writer_(stub.Calibrate(&context_, &response_)) {}

  bool Send(const CalibrateRequest& message) { return writer_->Write(message); }
  grpc::Status End() {
    writer_->WritesDone();
    return writer_->Finish();
  }
  // The status that the server ends the call with while it waits for more.
  grpc::Status WaitForEnd() { return writer_->Finish(); }
  void Cancel() { context_.TryCancel(); }
  const CalibrateResponse& response() const { return response_; }

 private:
  grpc::ClientContext context_;
  CalibrateResponse response_;
  std::unique_ptr<grpc::ClientWriter<CalibrateRequest>> writer_;
};

grpc::Status Calibrate(mlpserve::v1::Insight::Stub& stub,
                       const std::vector<CalibrateRequest>& messages) {
  Calibrating call(stub);
  for (const CalibrateRequest& message : messages) {
    if (!call.Send(message)) break;
  }
  return call.End();
}

TEST_F(InsightCallsTest, GiveTheStatusAndBaselinesWhetherOrNotModelsChangeByRequest) {
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

TEST_F(InsightCallsTest, ChangeBaselinesOnlyIfModelsChangeByRequest) {
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

TEST_F(InsightCallsTest, MakeABaselineOfTheRowsThatTheyBring) {
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
  for (const Case& its : {
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
    const grpc::Status status = Calibrate(*stub_, its.messages);
    EXPECT_EQ(status.error_code(), its.code) << its.message << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(its.message));
  }
}

TEST_F(InsightCallsTest, MakeOneBaselineAtATime) {
  Start(ModelControl::kExplicit);
  Calibrating first(*stub_);
  ASSERT_TRUE(first.Send(BeginOf("small")));
  const auto other = NewStub();
  EXPECT_TRUE(Eventually([&] {
    return Calibrate(*other, {BeginOf("small"), ValuesOf({1, 2})}).error_code() ==
           grpc::StatusCode::RESOURCE_EXHAUSTED;
  }));
  // When a client goes away, its turn is released.
  first.Cancel();
  first.End();
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
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
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
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const grpc::Status status = late.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("not all rows arrived within 300ms"));
}

TEST_F(InsightCallsTest, GiveUpACalibrationWhoseClientHasGone) {
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
TEST_F(InsightCallsTest, ACalibrationUnderWayDoesNotHoldUpTheEnd) {
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
  Calibrating sending(*stub_);
  ASSERT_TRUE(sending.Send(BeginOf("small")));
  const auto other = NewStub();
  EXPECT_TRUE(Eventually([&] {
    return Calibrate(*other, {BeginOf("small")}).error_code() ==
           grpc::StatusCode::RESOURCE_EXHAUSTED;
  }));
  std::thread ending(
      [&] { EXPECT_EQ(sending.WaitForEnd().error_code(), grpc::StatusCode::UNAVAILABLE); });
  // A read that waits for the client does not delay the stop.
  server_->Stop(std::chrono::seconds(300));
  ending.join();
  server_.reset();
}

}  // namespace
}  // namespace mlp
