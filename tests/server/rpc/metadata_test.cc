#include "server/rpc/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/serve_versions.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MetadataTest : public ::testing::Test {
 protected:
  static std::vector<ModelVersion> Versions() {
    std::vector<ModelVersion> versions(4);
    versions[0].name = "broken";
    versions[0].version = 1;
    versions[0].status = absl::InvalidArgumentError("no model");
    versions[1].name = "empty";
    versions[1].status = absl::NotFoundError("no version");
    versions[2].name = versions[3].name = "small";
    versions[2].version = 3;
    versions[3].version = 12;
    for (std::size_t i : {2, 3}) {
      versions[i].network = SmallNetwork(ActivationKind::kTanh, ActivationKind::kSigmoid);
    }
    return versions;
  }

  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  const ModelTable models_{ServeVersions(Versions(), {.max_batch_rows = 64}, arena_, metrics_)};
};

TEST_F(MetadataTest, ReportsTheServersNameAndExtensions) {
  inference::ServerMetadataResponse response;
  FillServerMetadata(response);
  EXPECT_EQ(response.name(), "mlpserve");
  EXPECT_FALSE(response.version().empty());
  // Only what is served, because clients use what is listed here.
  EXPECT_THAT(
      response.extensions(),
      ElementsAre("classification", "model_repository", "model_configuration", "schedule_policy",
                  "binary_tensor_data", "parameters", "statistics", "logging"));
}

struct ReadyCase {
  const char* name;
  const char* version;
  absl::StatusCode code;
  bool ready;
};

void PrintTo(const ReadyCase& ready, std::ostream* out) {
  *out << ready.name << "/" << ready.version;
}

class ModelReadyTest : public MetadataTest, public ::testing::WithParamInterface<ReadyCase> {};

TEST_P(ModelReadyTest, DistinguishesServedRefusedAndUnknownModels) {
  inference::ModelReadyRequest request;
  request.set_name(GetParam().name);
  request.set_version(GetParam().version);
  inference::ModelReadyResponse response;
  EXPECT_EQ(FillModelReady(models_, request, response).code(), GetParam().code);
  EXPECT_EQ(response.ready(), GetParam().ready);
}

INSTANTIATE_TEST_SUITE_P(
    All, ModelReadyTest,
    ::testing::Values(ReadyCase{"small", "", absl::StatusCode::kOk, true},
                      ReadyCase{"small", "3", absl::StatusCode::kOk, true},
                      ReadyCase{"broken", "", absl::StatusCode::kOk, false},
                      ReadyCase{"broken", "1", absl::StatusCode::kOk, false},
                      ReadyCase{"empty", "", absl::StatusCode::kOk, false},
                      ReadyCase{"small", "4", absl::StatusCode::kNotFound, false},
                      ReadyCase{"small", "x", absl::StatusCode::kInvalidArgument, false},
                      ReadyCase{"nobody", "", absl::StatusCode::kNotFound, false}));

TEST_F(MetadataTest, ReportsAModelsTensorsAndServedVersions) {
  inference::ModelMetadataRequest request;
  request.set_name("small");
  inference::ModelMetadataResponse response;
  ASSERT_TRUE(FillModelMetadata(models_, request, response).ok());
  EXPECT_EQ(response.name(), "small");
  EXPECT_THAT(response.versions(), ElementsAre("3", "12"));
  EXPECT_EQ(response.platform(), "mlpserve_onnx");
  ASSERT_EQ(response.inputs_size(), 1);
  EXPECT_EQ(response.inputs(0).name(), "x");
  EXPECT_EQ(response.inputs(0).datatype(), "FP32");
  EXPECT_THAT(response.inputs(0).shape(), ElementsAre(-1, 2));
  ASSERT_EQ(response.outputs_size(), 2);
  EXPECT_EQ(response.outputs(0).name(), "sum");
  EXPECT_EQ(response.outputs(1).name(), "answer");
  EXPECT_THAT(response.outputs(1).shape(), ElementsAre(-1, 1));
}

TEST_F(MetadataTest, ReportsAModelsConfiguration) {
  inference::ModelConfigRequest request;
  request.set_name("small");
  request.set_version("3");
  inference::ModelConfigResponse response;
  ASSERT_TRUE(FillModelConfig(models_, request, response).ok());
  const inference::ModelConfig& config = response.config();
  EXPECT_EQ(config.name(), "small");
  EXPECT_EQ(config.max_batch_size(), 64);
  ASSERT_EQ(config.input_size(), 1);
  EXPECT_EQ(config.input(0).data_type(), inference::TYPE_FP32);
  // Without the batch dimension, as max_batch_size is above 0.
  EXPECT_THAT(config.input(0).dims(), ElementsAre(2));
  ASSERT_EQ(config.output_size(), 2);
  EXPECT_THAT(config.output(0).dims(), ElementsAre(1));
  EXPECT_EQ(config.parameters().at("parameter_count").string_value(), "9");
  const std::shared_ptr<const ServedModel> served = models_.Find("small", "").value();
  const Evaluator& evaluator = *served->evaluator;
  EXPECT_EQ(config.parameters().at("instruction_set").string_value(),
            NameOf(evaluator.instruction_set()));
  EXPECT_EQ(config.parameters().at("weights").string_value(), "float32");
  EXPECT_EQ(config.parameters().at("weight_bytes").string_value(),
            std::to_string(evaluator.weight_bytes()));
  EXPECT_EQ(config.parameters().at("workspace_bytes").string_value(),
            std::to_string(evaluator.workspace_bytes()));
  EXPECT_EQ(config.parameters().at("saturation_epsilon").string_value(), "0.01");

  const auto layers = nlohmann::json::parse(config.parameters().at("layers").string_value());
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].at("name"), "hidden_1");
  EXPECT_EQ(layers[0].at("activation"), "tanh");
  EXPECT_NEAR(layers[0].at("lower_tail").get<double>(), -2.9932, 1e-4);
  EXPECT_NEAR(layers[0].at("upper_tail").get<double>(), 2.9932, 1e-4);
  EXPECT_EQ(layers[1].at("name"), "output");
  EXPECT_NEAR(layers[1].at("upper_tail").get<double>(), 5.9864, 1e-4);
}

TEST_F(MetadataTest, ReturnsTheExpectedErrors) {
  struct ErrorCase {
    const char* name;
    const char* version;
    absl::StatusCode code;
  };
  for (const auto& [name, version, code] :
       {ErrorCase{"nobody", "", absl::StatusCode::kNotFound},
        ErrorCase{"small", "4", absl::StatusCode::kNotFound},
        ErrorCase{"small", "x", absl::StatusCode::kInvalidArgument},
        ErrorCase{"broken", "", absl::StatusCode::kUnavailable}}) {
    inference::ModelMetadataRequest metadata_request;
    metadata_request.set_name(name);
    metadata_request.set_version(version);
    inference::ModelMetadataResponse metadata;
    EXPECT_EQ(FillModelMetadata(models_, metadata_request, metadata).code(), code) << name;
    inference::ModelConfigRequest config_request;
    config_request.set_name(name);
    config_request.set_version(version);
    inference::ModelConfigResponse config;
    EXPECT_EQ(FillModelConfig(models_, config_request, config).code(), code) << name;
    EXPECT_FALSE(config.has_config()) << name;
  }
}

// "name/version state reason" of each entry.
std::vector<std::string> Entries(const inference::RepositoryIndexResponse& response) {
  std::vector<std::string> entries;
  for (const auto& model : response.models()) {
    entries.push_back(absl::StrCat(model.name(), "/", model.version(), " ", model.state(),
                                   model.reason().empty() ? "" : " ", model.reason()));
  }
  return entries;
}

TEST_F(MetadataTest, IndexesAllModelsOrTheReadyOnes) {
  inference::RepositoryIndexRequest request;
  inference::RepositoryIndexResponse all;
  ASSERT_TRUE(FillRepositoryIndex(models_, request, all).ok());
  EXPECT_THAT(Entries(all),
              ElementsAre("broken/1 UNAVAILABLE no model", "empty/ UNAVAILABLE no version",
                          "small/3 READY", "small/12 READY"));
  request.set_ready(true);
  inference::RepositoryIndexResponse ready;
  ASSERT_TRUE(FillRepositoryIndex(models_, request, ready).ok());
  EXPECT_THAT(Entries(ready), ElementsAre("small/3 READY", "small/12 READY"));
}

TEST_F(MetadataTest, RefusesTheNameOfARepository) {
  inference::RepositoryIndexRequest request;
  request.set_repository_name("main");
  inference::RepositoryIndexResponse response;
  EXPECT_EQ(FillRepositoryIndex(models_, request, response).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(response.models(), IsEmpty());
}

}  // namespace
}  // namespace mlp
