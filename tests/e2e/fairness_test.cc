// Small requests next to large ones and next to a model that warms up, and large requests alone.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/process_times.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

constexpr std::int64_t kWidth = 784;

ModelInferRequest Request(const std::string& model, std::int64_t rows, std::int64_t width) {
  return RawRequest(model, rows, width,
                    std::vector<float>(static_cast<std::size_t>(rows * width), 0.5F));
}

class FairnessTest : public RepositoryServerTest {
 protected:
  void SetUp() override {
    WriteNativeModel(folders_.root() / "wide/1", {kWidth, 2048, 2048, 10});
    WriteNativeModel(folders_.root() / "small/1", {64, 64, 10});
  }

  void Serve(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"--admission", "adaptive"});
    Start(std::move(arguments));
  }

  grpc::Status Ask(const ModelInferRequest& request) {
    ModelInferResponse response;
    return Infer(*stub_, request, response);
  }

  double Metric(const std::string& name) const { return ReadMetrics(server_->http_port())[name]; }

  // Sends the requests one after the other, while two clients send six requests of this many rows.
  void ExpectSmallRequestsAnsweredBesideLargeOnes(const std::vector<ModelInferRequest>& requests,
                                                  std::int64_t rows_of_large_ones) {
    constexpr int kLargeRequests = 6;
    std::atomic<int> answered_large = 0;
    std::thread large([&] {
      InferMany(
          OpenChannel(server_->grpc_address()), 2,
          [&](int index) -> std::optional<ModelInferRequest> {
            if (index == kLargeRequests) return std::nullopt;
            return Request("wide", rows_of_large_ones, kWidth);
          },
          [&](int, const grpc::Status& status, const ModelInferResponse&) {
            answered_large += status.ok() ? 1 : 0;
          });
    });
    EXPECT_TRUE(
        Eventually([&] { return Metric(R"(mlp_rows_total{model="wide",version="1"})") > 0; }));
    int asked = 0;
    int refused = 0;
    std::string message;
    while (asked < 2'000 && answered_large < kLargeRequests - 1) {
      for (const ModelInferRequest& request : requests) {
        const grpc::Status status = Ask(request);
        ++asked;
        if (status.ok()) continue;
        ++refused;
        message = status.error_message();
      }
    }
    large.join();
    EXPECT_GT(asked, 10);
    EXPECT_EQ(refused, 0) << "of " << asked << ": " << message;
    EXPECT_EQ(answered_large, kLargeRequests);
  }
};

// With two clients, one large request waits while the other is evaluated.
TEST_F(FairnessTest, LargeRequestsDoNotMakeSmallOnesFail) {
  Serve();
  ExpectSmallRequestsAnsweredBesideLargeOnes({Request("small", 1, 64), Request("wide", 1, kWidth)},
                                             4096);
}

// A batch of "wide" takes longer than the target, as on a slow machine with the default target.
TEST_F(FairnessTest, ALongBatchOfAnotherModelMakesNoSmallRequestFail) {
  WriteNativeModel(folders_.root() / "slim/1", {kWidth, 10});
  Serve({"--rpc-threads", "1", "--evaluator-threads", "1", "--queue-target-ms", "1",
         "--queue-interval-ms", "1"});
  ExpectSmallRequestsAnsweredBesideLargeOnes({Request("slim", 1, kWidth)}, 1024);
}

TEST_F(FairnessTest, AFewLargeRequestsInFlightAreNotAnOverload) {
  Serve();
  const ModelInferRequest request = Request("wide", 1000, kWidth);
  int refused = 0;
  InferMany(
      OpenChannel(server_->grpc_address()), 4,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == 12) return std::nullopt;
        return request;
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        refused += status.ok() ? 0 : 1;
      });
  EXPECT_EQ(refused, 0);
}

TEST_F(FairnessTest, AWarmUpDelaysNoOtherModel) {
  WriteNativeModel(folders_.root() / "warm/1", {kWidth, 1024, 1024, 10});
  // The warm-up takes minutes.
  std::ofstream(folders_.root() / "warm/config.pbtxt")
      << "model_warmup { name: 'w' batch_size: 4096 count: 1000 inputs { key: 'pixels' value {"
         " data_type: TYPE_FP32 dims: 784 random_data: true } } }";
  Serve({"--model-control", "explicit", "--load-model", "wide"});
  ASSERT_TRUE(Ask(Request("wide", 1, kWidth)).ok());
  grpc::Status loaded;
  std::thread load([&] { loaded = LoadModel(*stub_, "warm"); });
  // Reading and packing the files takes less CPU time than this. After that the warm-up runs.
  const double cpu_before = CpuSeconds(server_->pid());
  EXPECT_TRUE(Eventually([&] { return CpuSeconds(server_->pid()) > cpu_before + 0.7; }));
  const std::chrono::milliseconds patience(ServerProcess::IsOfAnotherBuild() ? 10'000 : 500);
  int late = 0;
  for (int i = 0; i < 60; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    ModelInferResponse response;
    late += stub_->ModelInfer(&context, Request("wide", 1, kWidth), &response).ok() ? 0 : 1;
  }
  // A machine that stalls delays a few. The warm-up would delay most of them.
  EXPECT_LE(late, 12);
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->WaitForExit(), 0);
  load.join();
  EXPECT_FALSE(loaded.ok()) << "the model did not warm up any more";
}

}  // namespace
}  // namespace mlp
