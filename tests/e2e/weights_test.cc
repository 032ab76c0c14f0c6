// --weights, and a model's own parameter, which overrides it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/held_out.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// The greatest distance of `model`'s probabilities from ONNX Runtime's, on the held-out digits.
double DistanceFromReference(const ServerProcess& server, const std::string& model) {
  const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(server.grpc_address()));
  inference::ModelInferResponse response;
  const grpc::Status status =
      Infer(*stub, RawRequest(model, kHeldOutRows, 64, HeldOutPixels()), response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  const std::vector<float> actual = RawOutput(response, 1);
  const std::vector<float> expected = ReferenceOutput(model, "probabilities");
  EXPECT_EQ(actual.size(), expected.size());
  double greatest = 0.0;
  for (std::size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
    greatest = std::max(greatest, std::fabs(double{actual[i]} - expected[i]));
  }
  return greatest;
}

TEST(WeightsTest, AreStoredAsTheOptionSaysUnlessAModelSaysOtherwise) {
  const TemporaryFolder folder;
  AddSampleModel(folder.path(), "digits-relu", "digits-relu");
  AddSampleModel(folder.path(), "digits-tanh", "digits-tanh",
                 R"(parameters { key: "weights" value { string_value: "float32" } })");
  const auto server =
      ServerProcess::Start({"--model-repository", folder.path().string(), "--weights", "int8"});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT((*server)->log(), HasSubstr("weights kept as int8"));
  EXPECT_THAT((*server)->log(), HasSubstr("weights kept as float32"));

  const Samples samples = ReadMetrics((*server)->http_port());
  const auto bytes_of = [&](const std::string& model) {
    const auto sample =
        samples.find(absl::StrCat("mlp_model_weight_bytes{model=\"", model, "\",version=\"1\"}"));
    return sample == samples.end() ? 0.0 : sample->second;
  };
  // Both have the same layers.
  EXPECT_GT(bytes_of("digits-relu"), 0);
  EXPECT_LT(bytes_of("digits-relu"), bytes_of("digits-tanh") / 2);

  EXPECT_LT(DistanceFromReference(**server, "digits-tanh"), 1e-5);
  const double with_int8 = DistanceFromReference(**server, "digits-relu");
  EXPECT_GT(with_int8, 1e-5);
  EXPECT_LT(with_int8, 0.2);
}

TEST(WeightsTest, RefusesAModelWithUnknownStorage) {
  const TemporaryFolder folder;
  AddSampleModel(folder.path(), "digits-tanh", "digits-tanh",
                 R"(parameters { key: "weights" value { string_value: "int4" } })");
  const ServerRun run =
      RunServer({"--model-repository", folder.path().string(), "--http-address", "127.0.0.1:0"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out,
              HasSubstr("parameter 'weights': 'int4' is not a storage of weights; expected "
                        "float32, bfloat16 or int8"));
}

}  // namespace
}  // namespace mlp
