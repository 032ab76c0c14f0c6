// The committed sample models give ONNX Runtime's answers, and the right digits.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/e2e/held_out.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

constexpr std::int64_t kRows = kHeldOutRows;
constexpr std::int64_t kClasses = 10;

ModelInferRequest TypedRequest(const std::string& model, const std::vector<float>& values) {
  ModelInferRequest request = RawRequest(model, kRows, 64, values);
  request.clear_raw_input_contents();
  request.mutable_inputs(0)->mutable_contents()->mutable_fp32_contents()->Add(values.begin(),
                                                                              values.end());
  return request;
}

// Logits near zero are sums whose terms cancel, for which no two orders of addition agree to 1e-5
// of the result. They are compared on the scale of their row.
void ExpectLogitsNear(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t row = 0; row < actual.size(); row += kClasses) {
    float scale = 0.0F;
    for (std::size_t i = row; i < row + kClasses; ++i) {
      scale = std::max(scale, std::fabs(expected[i]));
    }
    for (std::size_t i = row; i < row + kClasses; ++i) {
      ASSERT_NEAR(actual[i], expected[i], 1e-5F * scale) << "at " << i;
    }
  }
}

void ExpectProbabilitiesNear(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 1e-5F * expected[i]) << "at " << i;
  }
}

int RightAnswers(const std::vector<float>& probabilities, const std::vector<std::int64_t>& labels) {
  int right = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const auto first = probabilities.begin() + static_cast<std::ptrdiff_t>(row * kClasses);
    right += std::max_element(first, first + kClasses) - first == labels[row] ? 1 : 0;
  }
  return right;
}

class SampleModelsTest : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() { server_ = ServerProcess::StartOnSampleModels().value().release(); }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  SampleModelsTest()
      : stub_(inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()))) {}

  static ServerProcess* server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

ServerProcess* SampleModelsTest::server_ = nullptr;

TEST_P(SampleModelsTest, AnswersAsOnnxRuntimeDoesAndCorrectly) {
  const std::string model = GetParam();
  const std::vector<float> pixels = HeldOutPixels();
  const std::vector<std::int64_t> labels = HeldOutLabels();
  const std::vector<float> logits = ReferenceOutput(model, "logits");
  const std::vector<float> probabilities = ReferenceOutput(model, "probabilities");

  ModelInferResponse raw;
  const grpc::Status status = Infer(*stub_, RawRequest(model, kRows, 64, pixels), raw);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(raw.outputs_size(), 2);
  EXPECT_EQ(raw.outputs(0).name(), "logits");
  EXPECT_EQ(raw.outputs(1).name(), "probabilities");
  ExpectLogitsNear(RawOutput(raw, 0), logits);
  ExpectProbabilitiesNear(RawOutput(raw, 1), probabilities);
  EXPECT_GE(RightAnswers(RawOutput(raw, 1), labels), kRows * 96 / 100);

  ModelInferResponse typed;
  ASSERT_TRUE(Infer(*stub_, TypedRequest(model, pixels), typed).ok());
  EXPECT_EQ(typed.raw_output_contents_size(), 0);
  const auto& values = typed.outputs(0).contents().fp32_contents();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()), RawOutput(raw, 0));
}

INSTANTIATE_TEST_SUITE_P(All, SampleModelsTest,
                         ::testing::Values("digits-sigmoid", "digits-tanh", "digits-relu",
                                           "digits-leaky-relu", "digits-prelu", "digits-elu",
                                           "digits-saturated"),
                         [](const auto& param) {
                           std::string name = param.param;
                           name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                           return name;
                         });

TEST_F(SampleModelsTest, ReturnsIdVersionAndTheRequestedOutputs) {
  ModelInferRequest request = DigitsRequest("digits-relu", 3);
  request.set_id("question 7");
  request.set_model_version("1");
  request.add_outputs()->set_name("probabilities");
  ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub_, request, response).ok());
  EXPECT_EQ(response.id(), "question 7");
  EXPECT_EQ(response.model_name(), "digits-relu");
  EXPECT_EQ(response.model_version(), "1");
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).name(), "probabilities");
  EXPECT_EQ(response.outputs(0).datatype(), "FP32");
  ASSERT_EQ(response.outputs(0).shape_size(), 2);
  EXPECT_EQ(response.outputs(0).shape(0), 3);
  EXPECT_EQ(response.outputs(0).shape(1), kClasses);
  EXPECT_EQ(response.raw_output_contents_size(), 1);
}

TEST_F(SampleModelsTest, ReturnsOutputsInTheOrderOfTheRequest) {
  ModelInferRequest request = DigitsRequest("digits-relu");
  request.add_outputs()->set_name("probabilities");
  request.add_outputs()->set_name("logits");
  ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub_, request, response).ok());
  ASSERT_EQ(response.outputs_size(), 2);
  EXPECT_EQ(response.outputs(0).name(), "probabilities");
  EXPECT_EQ(response.outputs(1).name(), "logits");
  float sum = 0.0F;
  for (const float probability : RawOutput(response, 0)) sum += probability;
  EXPECT_NEAR(sum, 1.0F, 1e-5F);
}

TEST_F(SampleModelsTest, AnswersManyRequestsInFlightEachWithItsOwnRows) {
  const std::vector<float> pixels = HeldOutPixels();
  const std::vector<float> probabilities = ReferenceOutput("digits-tanh", "probabilities");
  const auto row_of = [](int index) { return static_cast<std::size_t>(index) % kRows; };
  int answered = 0;
  InferMany(
      OpenChannel(server_->grpc_address()), 64,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == 2000) return std::nullopt;
        return RawRequest("digits-tanh", 1, 64,
                          absl::MakeConstSpan(pixels).subspan(row_of(index) * 64, 64));
      },
      [&](int index, const grpc::Status& status, const ModelInferResponse& response) {
        ASSERT_TRUE(status.ok()) << status.error_message();
        const auto first =
            probabilities.begin() + static_cast<std::ptrdiff_t>(row_of(index) * kClasses);
        ExpectProbabilitiesNear(RawOutput(response, 1), {first, first + kClasses});
        ++answered;
      });
  EXPECT_EQ(answered, 2000);
}

}  // namespace
}  // namespace mlp
