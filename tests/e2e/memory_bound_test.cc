// A server with a memory bound refuses whatever does not fit before allocating it. Beyond a
// container's limit, no allocation would fail; the kernel would kill the server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kMegabyte = 1'000'000;
constexpr std::int64_t kMaxBytes = 100 * kMegabyte;

std::string RepeatedBytes(const std::string& bytes, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += bytes;
  return all;
}

std::string WireNumber(std::uint64_t number) {
  std::string wire;
  for (; number >= 0x80; number >>= 7) wire += static_cast<char>((number & 0x7F) | 0x80);
  return wire + static_cast<char>(number);
}

// A field of an ONNX message, as encoded in a file.
std::string WireField(std::uint64_t number, const std::string& bytes) {
  return WireNumber(number << 3 | 2) + WireNumber(bytes.size()) + bytes;
}

std::string WireNode(const std::string& type, const std::string& input, const std::string& output) {
  return WireField(1, input) + WireField(2, output) + WireField(4, type) + WireField(7, "f");
}

// A file with a graph, of operator set 17.
std::string OnnxFileOf(const std::string& graph) {
  return WireField(8, "\x10\x11") + WireField(7, graph);
}

// Each node takes two bytes in the file, and more than a hundred once parsed.
std::string FileOfEmptyNodes() { return OnnxFileOf(RepeatedBytes({"\x0a\x00", 2}, 2'000'000)); }

// Each call of a function sets the attribute of a node of 500,000 inputs.
std::string FileOfLongCalls() {
  const std::string attribute = WireField(5, WireField(1, "a") + WireField(21, "a"));
  const std::string long_node =
      WireNode("G", "a", "b") + RepeatedBytes({"\x0a\x00", 2}, 500'000) + attribute;
  const std::string signature = WireField(4, "a") + WireField(5, "b") + WireField(10, "f");
  const std::string size = WireField(1, "\x08\x01");
  const std::string type =
      WireField(1, "\x08\x01" + WireField(2, WireField(1, WireField(2, "N")) + size));
  std::string graph = WireField(11, WireField(1, "v0") + WireField(2, type));
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&graph,
                    WireField(1, WireNode("F", absl::StrCat("v", i), absl::StrCat("v", i + 1))));
  }
  return OnnxFileOf(graph) +
         WireField(25, WireField(1, "F") + signature + WireField(7, long_node)) +
         WireField(25, WireField(1, "G") + signature +
                           WireField(7, WireField(1, "a") + WireField(2, "b") +
                                            WireField(4, "Identity")));
}

class MemoryBoundTest : public RepositoryServerTest {
 protected:
  void Start(std::int64_t most_bytes) {
    if (ServerProcess::HaveSanitizers()) GTEST_SKIP() << "the bound is of the program as shipped";
    folders_.Publish("digits-tanh", 1, "digits-tanh");
    RepositoryServerTest::Start({"--model-control", "explicit", "--load-model", "digits-tanh",
                                 "--max-memory-bytes", absl::StrCat(most_bytes)});
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
    EXPECT_LT(PeakBytes(), kMaxBytes);
    ExpectHealthy();
  }

  // The peak memory of the server.
  std::int64_t PeakBytes() const {
    std::ifstream status(absl::StrCat("/proc/", server_->pid(), "/status"));
    std::string word;
    std::int64_t kibibytes = 0;
    while (status >> word) {
      if (word == "VmHWM:") status >> kibibytes;
    }
    return kibibytes * 1024;
  }
};

TEST_F(MemoryBoundTest, RefusesALoadThatDoesNotFitAndKeepsServing) {
  Start(kMaxBytes);
  if (server_ == nullptr) return;
  // 64 MB of weights, which are in memory twice while they are read.
  WriteNativeModel(folders_.root() / "heavy" / "1", {64, 4000, 4000, 10});
  ExpectRefusedForMemory("heavy");
  // A file without weights, for which only the values of a batch are large.
  WriteNativeModel(folders_.root() / "wide" / "1", {1, 500'000});
  ExpectRefusedForMemory("wide");
  // Labels that take several times their file's size in memory.
  WriteNativeModel(folders_.root() / "labels" / "1", {1, 60'000});
  std::string labels;
  for (int i = 0; i < 60'000; ++i) absl::StrAppend(&labels, std::string(900, 'a'), "\n");
  folders_.Write("labels/labels.txt", labels);
  folders_.Write("labels/config.pbtxt", "output { name: \"y\" label_filename: \"labels.txt\" }");
  ExpectRefusedForMemory("labels");
}

// Files of 4 MB and 1 MB that used to take more than 500 MB.
TEST_F(MemoryBoundTest, RefusesOnnxFilesThatTakeManyTimesTheirSize) {
  Start(kMaxBytes);
  if (server_ == nullptr) return;
  folders_.Write("nodes/1/model.onnx", FileOfEmptyNodes());
  ExpectRefusedForMemory("nodes");
  folders_.Write("calls/1/model.onnx", FileOfLongCalls());
  const grpc::Status status = LoadModel(*stub_, "calls");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.error_message(), HasSubstr("model 'calls'"));
  EXPECT_LT(PeakBytes(), kMaxBytes);
  ExpectHealthy();
}

// A model of a few bytes, whose 64 warm-up requests take 256 MB.
TEST_F(MemoryBoundTest, RefusesWarmUpsThatDoNotFit) {
  Start(kMaxBytes);
  if (server_ == nullptr) return;
  WriteNativeModel(folders_.root() / "warm-ups" / "1", {1'000'000, 1});
  folders_.Write("warm-ups/config.pbtxt",
                 RepeatedBytes("model_warmup { inputs { key: 'pixels' value { data_type: TYPE_FP32 "
                               "dims: 1000000 random_data: true } } }\n",
                               64));
  const grpc::Status status = LoadModel(*stub_, "warm-ups");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("model 'warm-ups'"));
  EXPECT_THAT(status.error_message(), HasSubstr("memory"));
  // The peak includes pages of the program file, which the bound does not.
  EXPECT_LT(PeakBytes(), kMaxBytes + 40 * kMegabyte);
  ExpectHealthy();
}

TEST_F(MemoryBoundTest, LoadsWhatFits) {
  Start(250 * kMegabyte);
  if (server_ == nullptr) return;
  WriteNativeModel(folders_.root() / "fits" / "1", {64, 3000, 3000, 10});
  const grpc::Status status = LoadModel(*stub_, "fits");
  EXPECT_TRUE(status.ok()) << status.error_message();
  // Loaded a second time, next to the one that serves.
  WriteNativeModel(folders_.root() / "fits" / "2", {64, 3000, 3000, 10});
  EXPECT_TRUE(LoadModel(*stub_, "fits").ok());
  ExpectHealthy();
}

}  // namespace
}  // namespace mlp
