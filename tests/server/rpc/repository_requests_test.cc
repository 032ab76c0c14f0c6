#include "server/rpc/repository_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

namespace mlp {
namespace {

using inference::RepositoryModelLoadRequest;
using inference::RepositoryModelUnloadRequest;
using ::testing::HasSubstr;

RepositoryModelLoadRequest LoadOf(const std::string& model) {
  RepositoryModelLoadRequest request;
  request.set_model_name(model);
  return request;
}

TEST(ReadLoadRequestTest, FindsTheModelsNameWhereTritonAndKServeClientsPutIt) {
  EXPECT_EQ(ReadLoadRequest(LoadOf("m"), false)->model, "m");
  RepositoryModelLoadRequest kserve;
  kserve.set_repository_name("m");
  EXPECT_EQ(ReadLoadRequest(kserve, false)->model, "m");
  RepositoryModelUnloadRequest unload;
  unload.set_repository_name("m");
  (*unload.mutable_parameters())["unload_dependents"].set_bool_param(true);
  EXPECT_EQ(*ReadUnloadRequest(unload), "m");
}

TEST(ReadLoadRequestTest, ReadsAConfigurationAndFiles) {
  RepositoryModelLoadRequest request = LoadOf("m");
  (*request.mutable_parameters())["config"].set_string_param(
      R"({"name": "m", "max_batch_size": 8, "versionPolicy": {"latest": {"num_versions": 2}}})");
  (*request.mutable_parameters())["file:12/model.onnx"].set_bytes_param("bytes");
  const auto read = ReadLoadRequest(request, true);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->settings->config.max_batch_size(), 8);
  EXPECT_EQ(read->settings->config.version_policy().latest().num_versions(), 2U);
  ASSERT_EQ(read->files.size(), 1U);
  EXPECT_EQ(read->files[0].version, 12);
  EXPECT_EQ(read->files[0].name, "model.onnx");
  EXPECT_EQ(read->files[0].content, "bytes");
}

struct WrongLoad {
  const char* key;
  std::function<void(inference::ModelRepositoryParameter&)> set;
  const char* message;
};

void PrintTo(const WrongLoad& wrong, std::ostream* out) { *out << wrong.key; }

class WrongLoadTest : public ::testing::TestWithParam<WrongLoad> {};

TEST_P(WrongLoadTest, IsNamedInTheError) {
  RepositoryModelLoadRequest request = LoadOf("m");
  GetParam().set((*request.mutable_parameters())[GetParam().key]);
  const auto read = ReadLoadRequest(request, true);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(GetParam().message));
}

void SetBytes(inference::ModelRepositoryParameter& parameter) { parameter.set_bytes_param("x"); }

std::function<void(inference::ModelRepositoryParameter&)> Text(const std::string& text) {
  return
      [text](inference::ModelRepositoryParameter& parameter) { parameter.set_string_param(text); };
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongLoadTest,
    ::testing::Values(
        WrongLoad{"speed", SetBytes, "parameter 'speed' is unknown"},
        WrongLoad{"config", SetBytes, "'config' has the wrong type; expected string_param"},
        WrongLoad{"config", Text("{"), "'config' is not a ModelConfig in JSON"},
        WrongLoad{"config", Text(R"({"gpu": 1})"), "gpu"},
        WrongLoad{"config", Text(R"({"name": "n"})"), "parameter 'config': name is 'n'"},
        WrongLoad{"config", Text(std::string((128 << 10) + 1, ' ')), "expected at most 131072"},
        WrongLoad{"file:1/model.onnx", Text("x"), "expected bytes_param"},
        WrongLoad{"file:model.onnx", SetBytes, "is not the path of a model file"},
        WrongLoad{"file:", SetBytes, "is not the path of a model file"},
        WrongLoad{"file:1/", SetBytes, "is not the path of a model file"},
        WrongLoad{"file:01/model.onnx", SetBytes, "is not the path of a model file"},
        WrongLoad{"file:../model.onnx", SetBytes, "is not the path of a model file"},
        WrongLoad{"file:1/../../etc/passwd", SetBytes, "is not the path of a model file"},
        WrongLoad{"file:1/.hidden", SetBytes, "is not the path of a model file"},
        WrongLoad{"file:1//model.onnx", SetBytes, "is not the path of a model file"}));

TEST(ReadLoadRequestTest, RefusesUploadedFilesUnlessAllowed) {
  for (const char* key : {"config", "file:1/model.onnx"}) {
    RepositoryModelLoadRequest request = LoadOf("m");
    SetBytes((*request.mutable_parameters())[key]);
    const absl::Status status = ReadLoadRequest(request, false).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(std::string(status.message()), HasSubstr("--allow-rpc-model-files"));
  }
}

TEST(ReadLoadRequestTest, RefusesNoNameAndAnotherRepository) {
  EXPECT_EQ(ReadLoadRequest(LoadOf(""), false).status().code(), absl::StatusCode::kInvalidArgument);
  RepositoryModelLoadRequest request = LoadOf("m");
  request.set_repository_name("other");
  EXPECT_EQ(ReadLoadRequest(request, false).status().code(), absl::StatusCode::kNotFound);
}

TEST(ReadUnloadRequestTest, RefusesParametersThatAreUnknownOrOfAnotherType) {
  RepositoryModelUnloadRequest request;
  request.set_model_name("m");
  SetBytes((*request.mutable_parameters())["unload_dependents"]);
  EXPECT_EQ(ReadUnloadRequest(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.mutable_parameters()->clear();
  SetBytes((*request.mutable_parameters())["force"]);
  EXPECT_THAT(std::string(ReadUnloadRequest(request).status().message()),
              HasSubstr("parameter 'force' is unknown"));
}

}  // namespace
}  // namespace mlp
