// Models with several inputs, other datatypes and labels through a real server: exports from the
// fixtures, asked with their own inputs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/graph_fixtures.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/repository_server_test.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr const char* kInts = "onnx_int_inputs";
constexpr const char* kTowers = "torch_two_towers_script17";
constexpr const char* kLabels = "sklearn_classifier_multiclass_string_labels";
constexpr const char* kHalf = "torch_half_script17";
constexpr const char* kImputer = "sklearn_regressor_imputer_mean";

std::string DatatypeName(const std::string& onnx_name) {
  if (onnx_name == "FLOAT") return "FP32";
  if (onnx_name == "FLOAT16") return "FP16";
  return onnx_name;  // the integers and BOOL have the same names in both
}

// The fixture's own inputs, raw.
ModelInferRequest RequestFor(const std::string& name) {
  const auto facts = nlohmann::json::parse(FixtureBytes(name, "made_by.json"));
  ModelInferRequest request;
  request.set_model_name(name);
  for (const auto& fact : facts["inputs"]) {
    auto& input = *request.add_inputs();
    input.set_name(fact["name"].get<std::string>());
    input.set_datatype(DatatypeName(fact["datatype"].get<std::string>()));
    const std::string bytes = FixtureArray(name, fact["file"].get<std::string>());
    std::size_t row_bytes = input.datatype() == "FP32" || input.datatype() == "INT32" ? 4 : 1;
    if (input.datatype() == "FP16") row_bytes = 2;
    const auto features = fact["shape"][1].get<std::int64_t>();
    row_bytes *= static_cast<std::size_t>(features);
    input.add_shape(static_cast<std::int64_t>(bytes.size() / row_bytes));
    input.add_shape(features);
    request.add_raw_input_contents(bytes);
  }
  return request;
}

// A repository of five fixtures, one of them with labels for its outputs.
class GraphModelsTest : public RepositoryServerTest {
 protected:
  GraphModelsTest() {
    for (const char* name : {kInts, kTowers, kLabels, kHalf, kImputer}) {
      AddGraphFixture(folders_.root(), name);
    }
    folders_.Write(absl::StrCat(kTowers, "/config.pbtxt"),
                   R"(max_batch_size: 100 output { name: "y" label_filename: "labels.txt" })");
    folders_.Write(absl::StrCat(kTowers, "/labels.txt"), "left\nmiddle\nright\n");
    Start({});
  }

  ModelInferResponse Answer(const ModelInferRequest& request) {
    ModelInferResponse response;
    const grpc::Status status = Infer(*stub_, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
};

TEST_F(GraphModelsTest, AnswerAsTheirFrameworks) {
  for (const char* name : {kInts, kTowers}) {
    SCOPED_TRACE(name);
    const ModelInferResponse response = Answer(RequestFor(name));
    ASSERT_EQ(response.raw_output_contents_size(), 1);
    ExpectNearFloats(response.raw_output_contents(0), FixtureArray(name, "y.npy"));
  }
}

TEST_F(GraphModelsTest, AnswerHalfPrecisionInHalfPrecision) {
  const ModelInferResponse response = Answer(RequestFor(kHalf));
  EXPECT_EQ(response.outputs(0).datatype(), "FP16");
  EXPECT_EQ(response.raw_output_contents(0).size(), FixtureArray(kHalf, "y.npy").size());
}

TEST_F(GraphModelsTest, AnswerLabelsAsStrings) {
  const ModelInferResponse response = Answer(RequestFor(kLabels));
  ASSERT_EQ(response.outputs_size(), 2);
  EXPECT_EQ(response.outputs(0).name(), "label");
  EXPECT_EQ(response.outputs(0).datatype(), "BYTES");
  EXPECT_EQ(response.raw_output_contents(0), RawStrings(FixtureLines(kLabels, "label.txt")));
  ExpectNearFloats(response.raw_output_contents(1), FixtureArray(kLabels, "probabilities.npy"));
}

TEST_F(GraphModelsTest, ClassifyWithTheLabelsOfTheirConfiguration) {
  ModelInferRequest request = RequestFor(kTowers);
  auto& output = *request.add_outputs();
  output.set_name("y");
  (*output.mutable_parameters())["classification"].set_int64_param(1);
  const ModelInferResponse response = Answer(request);
  EXPECT_EQ(response.outputs(0).datatype(), "BYTES");
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(request.inputs(0).shape(0), 1));
  const std::string first = response.raw_output_contents(0).substr(4);
  EXPECT_THAT(first, ::testing::ContainsRegex("^-?[0-9.]+:[012]:(left|middle|right)"));
}

TEST_F(GraphModelsTest, AnswerZeroRowsWithZeroRows) {
  for (const char* name : {kInts, kTowers, kLabels, kHalf}) {
    SCOPED_TRACE(name);
    ModelInferRequest request = RequestFor(name);
    for (int i = 0; i < request.inputs_size(); ++i) {
      request.mutable_inputs(i)->set_shape(0, 0);
      request.mutable_raw_input_contents(i)->clear();
    }
    const ModelInferResponse response = Answer(request);
    ASSERT_GT(response.outputs_size(), 0);
    ASSERT_EQ(response.raw_output_contents_size(), response.outputs_size());
    for (int i = 0; i < response.outputs_size(); ++i) {
      EXPECT_EQ(response.outputs(i).shape(0), 0);
      EXPECT_EQ(response.raw_output_contents(i), "");
    }
  }
}

// Without a label file: the exporter wrote the names of the classes into the model.
TEST_F(GraphModelsTest, ClassifyWithTheNamesInTheModel) {
  ModelInferRequest request = RequestFor(kLabels);
  auto& output = *request.add_outputs();
  output.set_name("probabilities");
  (*output.mutable_parameters())["classification"].set_int64_param(1);
  const std::string first = Answer(request).raw_output_contents(0).substr(4);
  EXPECT_THAT(first, ::testing::ContainsRegex("^0[.][0-9]+:(0:ant|1:bee|2:cicada \xc3\xa9)"));

  constexpr char kNames[] = "[\"ant\",\"bee\",\"cicada \xc3\xa9\"]";
  grpc::ClientContext context;
  inference::ModelMetadataRequest question;
  inference::ModelMetadataResponse metadata;
  question.set_name(kLabels);
  ASSERT_TRUE(stub_->ModelMetadata(&context, question, &metadata).ok());
  for (const auto& tensor : metadata.outputs()) {
    ASSERT_EQ(tensor.parameters().count("class_names"), 1U) << tensor.name();
    EXPECT_EQ(tensor.parameters().at("class_names").string_param(), kNames);
  }
  grpc::ClientContext config_context;
  inference::ModelConfigRequest config_question;
  inference::ModelConfigResponse config;
  config_question.set_name(kLabels);
  ASSERT_TRUE(stub_->ModelConfig(&config_context, config_question, &config).ok());
  EXPECT_EQ(config.config().parameters().at("class_names").string_value(),
            absl::StrCat("{\"label\":", kNames, ",\"probabilities\":", kNames, "}"));
}

TEST_F(GraphModelsTest, ReportTheColumnsTheyFillIn) {
  grpc::ClientContext context;
  inference::ModelConfigRequest request;
  inference::ModelConfigResponse response;
  request.set_name(kImputer);
  ASSERT_TRUE(stub_->ModelConfig(&context, request, &response).ok());
  const std::int64_t width = response.config().input(0).dims(0);
  const auto layers =
      nlohmann::json::parse(response.config().parameters().at("layers").string_value());
  std::vector<nlohmann::json> imputed;
  for (const auto& layer : layers) {
    if (layer.contains("imputes")) imputed.push_back(layer["imputes"]);
  }
  EXPECT_EQ(imputed, (std::vector<nlohmann::json>{{{0, 0, width}}}));
}

TEST_F(GraphModelsTest, ShowTheDatatypesThatTheyDeclare) {
  grpc::ClientContext context;
  inference::ModelMetadataRequest request;
  inference::ModelMetadataResponse response;
  request.set_name(kInts);
  ASSERT_TRUE(stub_->ModelMetadata(&context, request, &response).ok());
  std::vector<std::string> inputs;
  for (const auto& input : response.inputs()) {
    inputs.push_back(absl::StrCat(input.name(), " ", input.datatype()));
  }
  EXPECT_THAT(inputs, ElementsAre("counts INT32", "flags BOOL", "bytes INT8"));
}

TEST_F(GraphModelsTest, RefuseDifferentNumbersOfRowsAndNameBothInputs) {
  ModelInferRequest request = RequestFor(kTowers);
  request.mutable_inputs(1)->set_shape(0, 1);
  request.mutable_raw_input_contents(1)->resize(
      sizeof(float) * static_cast<std::size_t>(request.inputs(1).shape(1)));
  ModelInferResponse response;
  const grpc::Status status = Infer(*stub_, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), StartsWith("input 'a' has "));
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("and input 'b' has 1"));
}

TEST_F(GraphModelsTest, ObeyTheConfiguredLimitOfRows) {
  ModelInferRequest request = RequestFor(kTowers);
  for (int i = 0; i < request.inputs_size(); ++i) {
    request.mutable_inputs(i)->set_shape(0, 101);
    request.mutable_raw_input_contents(i)->resize(
        101 * sizeof(float) * static_cast<std::size_t>(request.inputs(i).shape(1)));
  }
  ModelInferResponse response;
  EXPECT_THAT(Infer(*stub_, request, response).error_message(),
              ::testing::HasSubstr("takes at most 100 in a request"));
}

}  // namespace
}  // namespace mlp
