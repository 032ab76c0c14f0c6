// A server runs out of memory while it serves. It must refuse loads and requests and otherwise
// carry on.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

std::string ManyTimes(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// A safetensors file whose header has `tensors` tensors without values.
std::string ManyTensors(int tensors) {
  std::string header = "{";
  for (int i = 0; i < tensors; ++i) {
    absl::StrAppend(&header, i == 0 ? "" : ",", "\"", i,
                    R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})");
  }
  header += "}";
  const auto size = static_cast<std::uint64_t>(header.size());
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + header;
}

// The MiB of address space that are left, and MALLOC_ARENA_MAX: one heap, or one for each thread.
class LittleMemoryTest : public ::testing::TestWithParam<std::tuple<int, std::string>> {
 protected:
  void SetUp() override {
    // A sanitizer reserves terabytes of address space, and ends the process itself if there is too
    // little.
    if (ServerProcess::HaveSanitizers())
      GTEST_SKIP() << "limits are those of the program as shipped";
    models_.Publish("digits-tanh", 1, "digits-tanh");
    for (const char* model : {"wide", "inputs", "warm-ups", "tensors"}) {
      WriteNativeModel(models_.root() / model / "1", {1, 1000});
    }
    // The buffers for a block of rows take 64 times as much as an answer, for each thread.
    for (const char* model : {"broad", "broad-too"}) {
      WriteNativeModel(models_.root() / model / "1", {1, 400'000});
    }
    // Files that take many times their size in memory.
    models_.Write("inputs/config.pbtxt", ManyTimes("input{}", 149'000));
    models_.Write("warm-ups/config.pbtxt",
                  ManyTimes("model_warmup{inputs{key:\"a\" value{dims:1}}}", 23'000));
    models_.Write("tensors/1/model.safetensors", ManyTensors(250'000));
    auto server =
        ServerProcess::Start({"--model-repository", models_.root().string(), "--model-control",
                              "explicit", "--load-model", "digits-tanh,wide,broad"},
                             {{"MALLOC_ARENA_MAX", std::get<1>(GetParam())}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
    ExpectHealthy();
  }

  // Leaves the server as much address space as the parameter says.
  void LeaveRoom() const {
    std::uint64_t pages = 0;
    std::ifstream(absl::StrCat("/proc/", server_->pid(), "/statm")) >> pages;
    ASSERT_GT(pages, 0U);
    const rlim_t room = static_cast<rlim_t>(std::get<0>(GetParam())) << 20;
    const rlimit limit{pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + room, RLIM_INFINITY};
    ASSERT_EQ(prlimit(server_->pid(), RLIMIT_AS, &limit, nullptr), 0);
  }

  void ExpectHealthy() {
    inference::ModelInferResponse response;
    const grpc::Status status = Infer(*stub_, DigitsRequest("digits-tanh"), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  PublishedModels models_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

TEST_P(LittleMemoryTest, RefusesALoadThatItHasNoMemoryFor) {
  for (const char* model : {"inputs", "warm-ups", "tensors"}) {
    LeaveRoom();
    const grpc::Status status = LoadModel(*stub_, model);
    // With more memory, these files are found to be invalid.
    EXPECT_TRUE(status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                status.error_code() == grpc::StatusCode::INVALID_ARGUMENT)
        << model << ": " << status.error_code() << " " << status.error_message();
    ASSERT_TRUE(server_->Running()) << model << "\n" << server_->log();
    ExpectHealthy();
  }
}

TEST_P(LittleMemoryTest, RefusesARequestThatItHasNoMemoryFor) {
  LeaveRoom();
  // 16 KB that request an answer of 16 MB.
  const inference::ModelInferRequest request =
      RawRequest("wide", 4096, 1, std::vector<float>(4096, 1));
  int refused = 0;
  InferMany(
      OpenChannel(server_->grpc_address()), 8,
      [&](int i) {
        return i < 16 ? std::optional<inference::ModelInferRequest>(request) : std::nullopt;
      },
      [&](int /*i*/, const grpc::Status& status, const inference::ModelInferResponse& response) {
        refused += status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ? 1 : 0;
        EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED)
            << status.error_code() << " " << status.error_message();
        if (status.ok()) {
          EXPECT_EQ(RawOutput(response, 0), std::vector<float>(4'096'000, 0));
        }
      });
  EXPECT_GT(refused, 0);
  ASSERT_TRUE(server_->Running()) << server_->log();
  ExpectHealthy();
  EXPECT_GT(
      ReadMetrics(server_->http_port()).at(R"(mlp_rejected_total{model="wide",reason="memory"})"),
      0);
}

// A model whose file is small, but whose buffers for one row are not.
TEST_P(LittleMemoryTest, RefusesAModelAndARequestIfOneRowDoesNotFitIntoMemory) {
  LeaveRoom();
  const grpc::Status loaded = LoadModel(*stub_, "broad-too");
  EXPECT_EQ(loaded.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << loaded.error_message();
  ASSERT_TRUE(server_->Running()) << server_->log();
  for (int i = 0; i < 4; ++i) {
    inference::ModelInferResponse response;
    const grpc::Status status =
        Infer(*stub_, RawRequest("broad", 1, 1, std::vector<float>(1, 1)), response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
    ASSERT_TRUE(server_->Running()) << server_->log();
  }
  ExpectHealthy();
  EXPECT_EQ(
      ReadMetrics(server_->http_port()).at(R"(mlp_rejected_total{model="broad",reason="memory"})"),
      4);
}

INSTANTIATE_TEST_SUITE_P(All, LittleMemoryTest,
                         ::testing::Combine(::testing::Values(4, 10, 20, 60),
                                            ::testing::Values("1", "8")),
                         [](const auto& tested) {
                           return absl::StrCat(std::get<0>(tested.param), "MiBAnd",
                                               std::get<1>(tested.param), "Heaps");
                         });

}  // namespace
}  // namespace mlp
