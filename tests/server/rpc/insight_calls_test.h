// A gRPC server whose insight calls are answered by the test's own handlers.

#ifndef MLP_TESTS_SERVER_RPC_INSIGHT_CALLS_TEST_H_
#define MLP_TESTS_SERVER_RPC_INSIGHT_CALLS_TEST_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/drift/accepted_windows.h"
#include "proto/insight.grpc.pb.h"
#include "server/observe/log_control.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/request_log.h"
#include "tests/eventually.h"
#include "tests/server/rpc/calibrating.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {

// A baseline of the model "small". Accepted windows judge its second target.
inline VersionBaseline BaselineOfTest() {
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
    // A client on a busy machine may need longer than the 5 seconds of a real one.
    server_options.limits.handshake_ms = 120'000;
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

  // Begins a calibration of "small" and waits until it has its turn: until a second one, over
  // another connection, is refused. If the second one gets the turn, the first may be refused: both
  // end, and two new ones begin.
  std::unique_ptr<Calibrating> BeginCalibration() {
    const auto other = NewStub();
    std::unique_ptr<Calibrating> call;
    EXPECT_TRUE(Eventually([&] {
      if (call != nullptr) call->End();
      call = std::make_unique<Calibrating>(*stub_);
      call->Send(BeginOf("small"));
      return Calibrate(*other, {BeginOf("small")}).error_code() ==
             grpc::StatusCode::RESOURCE_EXHAUSTED;
    }));
    return call;
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

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_RPC_INSIGHT_CALLS_TEST_H_
