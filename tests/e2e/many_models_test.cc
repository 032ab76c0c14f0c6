// A server with many models, of which clients use a few.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::Key;

constexpr int kModels = 50;

// The number of samples of each metric that `page` has for `model`.
std::map<std::string, int> SamplesOf(const std::string& model, const Samples& page) {
  std::map<std::string, int> samples;
  for (const auto& [name, value] : page) {
    if (!absl::StrContains(name, absl::StrCat("model=\"", model, "\""))) continue;
    ++samples[name.substr(0, name.find('{'))];
  }
  return samples;
}

class ManyModelsTest : public RepositoryServerTest {
 protected:
  void SetUp() override {
    for (int i = 0; i < kModels; ++i) {
      AddSampleModel(folders_.root(), "digits-relu", absl::StrCat("m", i));
    }
    Start({"--metrics-compat", "triton"});
  }
};

TEST_F(ManyModelsTest, AreShownWithTheirCountersFromTheirFirstRequestOn) {
  Samples page = ReadMetrics(server_->http_port());
  for (int i = 0; i < kModels; ++i) {
    EXPECT_THAT(SamplesOf(absl::StrCat("m", i), page),
                ElementsAre(Key("mlp_layer_units"), Key("mlp_model_default_version"),
                            Key("mlp_model_held_back"), Key("mlp_model_info"),
                            Key("mlp_model_loaded_timestamp_seconds"), Key("mlp_model_loads_total"),
                            Key("mlp_model_ready"), Key("mlp_model_version_refused"),
                            Key("mlp_model_weight_bytes"), Key("mlp_model_workspace_bytes"),
                            Key("mlp_rows_total")));
    EXPECT_EQ(page[absl::StrCat("mlp_rows_total{model=\"m", i, "\",version=\"1\"}")], 0);
  }

  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub_, DigitsRequest("m7"), response).ok());
  page = ReadMetrics(server_->http_port());
  EXPECT_EQ(page[R"(mlp_requests_total{code="OK",model="m7",version="1"})"], 1);
  EXPECT_EQ(page.count(R"(mlp_requests_total{code="UNAVAILABLE",model="m7",version="1"})"), 1U);
  for (const char* histogram : {"mlp_request_duration_seconds", "mlp_queue_duration_seconds",
                                "mlp_compute_duration_seconds", "mlp_batch_rows"}) {
    EXPECT_EQ(page[absl::StrCat(histogram, R"(_count{model="m7",version="1"})")], 1) << histogram;
  }
  EXPECT_EQ(page[R"(nv_inference_count{model="m7",version="1"})"], 1);
  const std::map<std::string, int> asked = SamplesOf("m7", page);
  EXPECT_EQ(asked.count("mlp_activations_total"), 1U);
  EXPECT_EQ(asked.count("mlp_dead_units"), 1U);
  EXPECT_EQ(SamplesOf("m8", page).size(), 11U);
}

TEST_F(ManyModelsTest, AreShownWithTheirCountersIfTheirFirstRequestIsRefused) {
  inference::ModelInferRequest wrong = DigitsRequest("m3");
  wrong.mutable_inputs(0)->set_name("none");
  inference::ModelInferResponse response;
  EXPECT_EQ(Infer(*stub_, wrong, response).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  Samples page = ReadMetrics(server_->http_port());
  EXPECT_EQ(page[R"(mlp_requests_total{code="INVALID_ARGUMENT",model="m3",version="1"})"], 1);
  EXPECT_EQ(page.count(R"(mlp_requests_total{code="OK",model="m3",version="1"})"), 1U);
  EXPECT_EQ(page.count(R"(mlp_batch_rows_count{model="m3",version="1"})"), 1U);
}

}  // namespace
}  // namespace mlp
