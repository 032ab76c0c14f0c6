// A server that may hold so much memory: what does not fit is refused before it is taken. Beyond a
// container's limit the kernel would end the server, and no allocation would fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kMegabyte = 1'000'000;
constexpr std::int64_t kMostBytes = 100 * kMegabyte;

class MemoryBoundTest : public ::testing::Test {
 protected:
  void Start(std::int64_t most_bytes) {
    // A sanitizer takes memory of its own; a container's server is the program as shipped.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (ServerProcess::IsOfAnotherBuild() && std::getenv("MLP_CONTAINER_IMAGE") == nullptr) {
      GTEST_SKIP() << "the bound is of the program as shipped";
    }
    models_.Publish("digits-tanh", 1, "digits-tanh");
    auto server = ServerProcess::Start(
        {"--model-repository", models_.root().string(), "--model-control", "explicit",
         "--load-model", "digits-tanh", "--max-memory-bytes", absl::StrCat(most_bytes)});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
  }

  void ExpectHealthy() {
    inference::ModelInferResponse response;
    const grpc::Status status = Infer(*stub_, DigitsRequest("digits-tanh"), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  void ExpectRefusedForMemory(const std::string& model) {
    const grpc::Status status = LoadModel(*stub_, model);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(absl::StrCat("model '", model, "'")));
    EXPECT_THAT(status.error_message(), HasSubstr("memory"));
    EXPECT_LT(PeakBytes(), kMostBytes);
    ExpectHealthy();
  }

  // The most that the server has held at once.
  std::int64_t PeakBytes() const {
    std::ifstream status(absl::StrCat("/proc/", server_->pid(), "/status"));
    std::string word;
    std::int64_t kibibytes = 0;
    while (status >> word) {
      if (word == "VmHWM:") status >> kibibytes;
    }
    return kibibytes * 1024;
  }

  PublishedModels models_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

TEST_F(MemoryBoundTest, RefusesALoadThatDoesNotFitAndServesOn) {
  Start(kMostBytes);
  if (server_ == nullptr) return;
  // 64 MB of weights, which are held twice while they are read.
  WriteNativeModel(models_.root() / "heavy" / "1", {64, 4000, 4000, 10});
  ExpectRefusedForMemory("heavy");
  // Of a file without weights, so that nothing but the values of a batch is large.
  WriteNativeModel(models_.root() / "wide" / "1", {1, 500'000});
  ExpectRefusedForMemory("wide");
  // Labels that take several times their file's size.
  WriteNativeModel(models_.root() / "labels" / "1", {1, 60'000});
  std::string labels;
  for (int i = 0; i < 60'000; ++i) absl::StrAppend(&labels, std::string(900, 'a'), "\n");
  models_.Write("labels/labels.txt", labels);
  models_.Write("labels/config.pbtxt", "output { name: \"y\" label_filename: \"labels.txt\" }");
  ExpectRefusedForMemory("labels");
}

TEST_F(MemoryBoundTest, LoadsWhatFits) {
  Start(250 * kMegabyte);
  if (server_ == nullptr) return;
  WriteNativeModel(models_.root() / "fits" / "1", {64, 3000, 3000, 10});
  const grpc::Status status = LoadModel(*stub_, "fits");
  EXPECT_TRUE(status.ok()) << status.error_message();
  // Beside the one that serves, a second time.
  WriteNativeModel(models_.root() / "fits" / "2", {64, 3000, 3000, 10});
  EXPECT_TRUE(LoadModel(*stub_, "fits").ok());
  ExpectHealthy();
}

}  // namespace
}  // namespace mlp
