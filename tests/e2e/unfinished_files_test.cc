// Files that have their full length before their content is written, as some copying programs leave
// them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "model/formats/model_file.h"
#include "model/formats/native/writer.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A model in two files, the second with the weights.
struct ModelInTwoFiles {
  std::string model_name;
  std::string model;
  std::string weights_name;
  std::string weights;
};

ModelInTwoFiles NativeDigits(bool with_checksum) {
  const auto read = ReadModelFile(SampleModels() / "digits-relu" / "1");
  const auto written = WriteNative(read.value().network);
  nlohmann::json document = nlohmann::json::parse(written.value().document);
  if (!with_checksum) document.erase("sha256");
  return {"model.json", document.dump(), "model.safetensors", written->tensors};
}

ModelInTwoFiles OnnxDigitsWithExternalData() {
  onnx::ModelProto model;
  model.ParseFromString(SampleContent("digits-relu"));
  std::string weights;
  const auto add = [](onnx::TensorProto& tensor, const char* key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  };
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.raw_data().size() < 16) continue;
    add(tensor, "location", "weights.bin");
    add(tensor, "offset", std::to_string(weights.size()));
    add(tensor, "length", std::to_string(tensor.raw_data().size()));
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    weights += tensor.raw_data();
    tensor.clear_raw_data();
  }
  return {"model.onnx", model.SerializeAsString(), "weights.bin", weights};
}

// Why the unwritten part reads as zeros.
enum class Rest { kHole, kZeros };

class UnfinishedFilesTest : public RepositoryServerTest {
 protected:
  fs::path Folder(const std::string& version) const { return folders_.root() / "m" / version; }

  // Writes only the first half of the weights into a file of full length.
  void WriteHalf(const ModelInTwoFiles& files, const std::string& version, Rest rest) const {
    const std::size_t half = files.weights.size() / 2;
    ASSERT_GT(half, 8192U);
    fs::create_directories(Folder(version));
    const fs::path weights = Folder(version) / files.weights_name;
    std::ofstream(weights, std::ios::binary)
        << files.weights.substr(0, half)
        << (rest == Rest::kZeros ? std::string(files.weights.size() - half, '\0') : "");
    fs::resize_file(weights, files.weights.size());
    std::ofstream(Folder(version) / files.model_name, std::ios::binary) << files.model;
  }
  void WriteRest(const ModelInTwoFiles& files, const std::string& version) const {
    const std::size_t half = files.weights.size() / 2;
    std::fstream weights(Folder(version) / files.weights_name,
                         std::ios::binary | std::ios::in | std::ios::out);
    weights.seekp(static_cast<std::streamoff>(half));
    weights << files.weights.substr(half);
  }

  std::string State(const std::string& version) { return Index(*stub_)["m/" + version]; }

  // Whether, before long, the version is refused as unfinished. If this process stands still while
  // it writes the files, the version is first refused for lack of one.
  bool IsRefusedAsUnfinished(const std::string& version, const std::string& weights_name) {
    return Eventually([&] {
      return absl::StrContains(State(version), "'" + weights_name + "' may still be being written");
    });
  }

  void ExpectServedOnlyWhenWritten(const ModelInTwoFiles& files, Rest rest) {
    folders_.Publish("m", 1, "digits-relu");
    StartPolling();
    const std::vector<float> expected = AnswerOf(*stub_, "m", "1");
    ASSERT_FALSE(expected.empty());
    WriteHalf(files, "2", rest);
    EXPECT_TRUE(IsRefusedAsUnfinished("2", files.weights_name)) << State("2");
    EXPECT_EQ(AnswerOf(*stub_, "m"), expected) << "version 1 goes on";
    WriteRest(files, "2");
    EXPECT_TRUE(Eventually([&] { return State("2") == "READY"; })) << State("2");
    EXPECT_EQ(AnswerOf(*stub_, "m", "2"), expected);
  }
};

TEST_F(UnfinishedFilesTest, ServesNativeWeightsOnlyWhenTheirHoleIsFilled) {
  ExpectServedOnlyWhenWritten(NativeDigits(false), Rest::kHole);
}

TEST_F(UnfinishedFilesTest, ServesNativeWeightsOnlyWhenTheirZerosAreReplaced) {
  ExpectServedOnlyWhenWritten(NativeDigits(false), Rest::kZeros);
}

TEST_F(UnfinishedFilesTest, ServesExternalDataOnlyWhenItsHoleIsFilled) {
  ExpectServedOnlyWhenWritten(OnnxDigitsWithExternalData(), Rest::kHole);
}

TEST_F(UnfinishedFilesTest, ServesExternalDataOnlyWhenItsZerosAreReplaced) {
  ExpectServedOnlyWhenWritten(OnnxDigitsWithExternalData(), Rest::kZeros);
}

// Nothing writes to the folder any more. Only its age changes, which simulates the passing of time.
TEST_F(UnfinishedFilesTest, PollsAgainUntilTheFileIsOld) {
  const ModelInTwoFiles files = NativeDigits(false);
  folders_.Publish("m", 1, "digits-relu");
  StartPolling();
  WriteHalf(files, "2", Rest::kZeros);
  EXPECT_TRUE(IsRefusedAsUnfinished("2", files.weights_name)) << State("2");
  fs::last_write_time(Folder("2") / files.weights_name,
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_TRUE(Eventually([&] { return State("2") == "READY"; })) << State("2");
}

TEST_F(UnfinishedFilesTest, AnswersALoadWithAbortedAndKeepsWhatIsServed) {
  const ModelInTwoFiles files = NativeDigits(false);
  WriteHalf(files, "1", Rest::kHole);
  WriteRest(files, "1");
  Start({"--model-control", "explicit"});
  ASSERT_TRUE(LoadModel(*stub_, "m").ok());
  const std::vector<float> expected = AnswerOf(*stub_, "m");
  ASSERT_FALSE(expected.empty());
  WriteHalf(files, "1", Rest::kHole);
  const grpc::Status status = LoadModel(*stub_, "m");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_THAT(status.error_message(), HasSubstr("may still be being written"));
  EXPECT_EQ(AnswerOf(*stub_, "m"), expected);
  WriteRest(files, "1");
  EXPECT_TRUE(LoadModel(*stub_, "m").ok());
  EXPECT_EQ(AnswerOf(*stub_, "m"), expected);
}

TEST_F(UnfinishedFilesTest, RefusesWeightsWithAWrongChecksumAtAnyAge) {
  const ModelInTwoFiles files = NativeDigits(true);
  WriteHalf(files, "1", Rest::kZeros);
  fs::last_write_time(Folder("1") / files.weights_name,
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  Start({"--model-control", "explicit"});
  const grpc::Status status = LoadModel(*stub_, "m");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("'model.safetensors' has the SHA-256 "));
  EXPECT_THAT(status.error_message(), HasSubstr("; expected "));
  WriteRest(files, "1");
  EXPECT_TRUE(LoadModel(*stub_, "m").ok());
  EXPECT_FALSE(AnswerOf(*stub_, "m").empty());
}

}  // namespace
}  // namespace mlp
