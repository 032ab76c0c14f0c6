// Models with categories, strings and embeddings through a real server: exports from the fixtures,
// asked with their own inputs and with unknown values.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
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
using ::testing::HasSubstr;

constexpr const char* kPeople = "categories_sklearn_one_hot_errors";
constexpr const char* kEmbeddings = "categories_torch_embeddings_script";

void AddInput(ModelInferRequest& request, const std::string& name, const std::string& datatype,
              std::vector<std::int64_t> shape, std::string raw) {
  auto& input = *request.add_inputs();
  input.set_name(name);
  input.set_datatype(datatype);
  for (const std::int64_t dimension : shape) input.add_shape(dimension);
  request.add_raw_input_contents(std::move(raw));
}

// The pipeline's own twenty rows. If `cities` is not empty, it replaces the cities.
ModelInferRequest PeopleRequest(const std::vector<std::string>& cities) {
  ModelInferRequest request;
  request.set_model_name(kPeople);
  const auto rows = static_cast<std::int64_t>(cities.size());
  AddInput(request, "age", "FP32", {rows, 1}, FixtureArray(kPeople, "input_age.npy"));
  AddInput(request, "income", "FP32", {rows, 1}, FixtureArray(kPeople, "input_income.npy"));
  AddInput(request, "city", "BYTES", {rows, 1}, RawStrings(cities));
  AddInput(request, "job", "INT64", {rows, 1}, FixtureArray(kPeople, "input_job.npy"));
  return request;
}

ModelInferRequest EmbeddingsRequest(std::int64_t in_row_two) {
  ModelInferRequest request;
  request.set_model_name(kEmbeddings);
  std::string categories = FixtureArray(kEmbeddings, "input_cat.npy");
  constexpr std::size_t kPlace = 2 * 2 * sizeof(std::int64_t);  // row 2 of two columns
  std::memcpy(categories.data() + kPlace, &in_row_two, sizeof(in_row_two));
  AddInput(request, "cat", "INT64", {9, 2}, std::move(categories));
  AddInput(request, "cont", "FP32", {9, 4}, FixtureArray(kEmbeddings, "input_cont.npy"));
  return request;
}

class CategoryModelsTest : public RepositoryServerTest {
 protected:
  CategoryModelsTest() {
    for (const char* name : {kPeople, kEmbeddings}) AddGraphFixture(folders_.root(), name);
    folders_.Write(absl::StrCat(kPeople, "/config.pbtxt"), R"(
      max_batch_size: 64
      model_warmup { name: "first" batch_size: 3
        inputs { key: "age" value { data_type: TYPE_FP32 dims: 1 random_data: true } }
        inputs { key: "income" value { data_type: TYPE_FP32 dims: 1 random_data: true } }
        inputs { key: "city" value { data_type: TYPE_STRING dims: 1 zero_data: true } }
        inputs { key: "job" value { data_type: TYPE_INT64 dims: 1 zero_data: true } } })");
    Start({});
  }

  grpc::Status Ask(const ModelInferRequest& request) {
    response_.Clear();
    return Infer(*stub_, request, response_);
  }

  ModelInferResponse response_;
};

TEST_F(CategoryModelsTest, AnswersAPipelineOfStringsAndIntegers) {
  const std::vector<std::string> cities = FixtureLines(kPeople, "input_city.txt");
  const grpc::Status status = Ask(PeopleRequest(cities));
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response_.outputs_size(), 2);
  EXPECT_EQ(response_.outputs(0).datatype(), "BYTES");
  EXPECT_EQ(response_.raw_output_contents(0), RawStrings(FixtureLines(kPeople, "label.txt")));
  ExpectNearFloats(response_.raw_output_contents(1), FixtureArray(kPeople, "probabilities.npy"));
}

TEST_F(CategoryModelsTest, ListsStringInputsInTheMetadata) {
  inference::ModelMetadataRequest request;
  request.set_name(kPeople);
  inference::ModelMetadataResponse metadata;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->ModelMetadata(&context, request, &metadata).ok());
  ASSERT_EQ(metadata.inputs_size(), 4);
  EXPECT_EQ(metadata.inputs(2).name(), "city");
  EXPECT_EQ(metadata.inputs(2).datatype(), "BYTES");
}

TEST_F(CategoryModelsTest, RefusesAStringThatTheEncoderDoesNotKnow) {
  std::vector<std::string> cities = FixtureLines(kPeople, "input_city.txt");
  cities[13] = "Atlantis";
  const grpc::Status status = Ask(PeopleRequest(cities));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(),
              HasSubstr("input 'city' has an unknown string in row 13; model "
                        "'categories_sklearn_one_hot_errors' expects one of 'Bern', 'Lagos', "
                        "'Oslo', 'S"));
}

TEST_F(CategoryModelsTest, RefusesStringsOfWrongLengths) {
  const std::vector<std::string> broken = {std::string("\x01\0\0\0", 4), std::string(3, 'x'),
                                           RawStrings({"Bern", "Oslo"}), std::string(80, '\xff')};
  for (const std::string& raw : broken) {
    ModelInferRequest request = PeopleRequest(FixtureLines(kPeople, "input_city.txt"));
    request.set_raw_input_contents(2, raw);
    const grpc::Status status = Ask(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << raw.size();
    EXPECT_THAT(status.error_message(), HasSubstr("input 'city' has "));
    EXPECT_THAT(status.error_message(), HasSubstr("expected 20 strings"));
  }
}

TEST_F(CategoryModelsTest, AcceptsTypedStrings) {
  ModelInferRequest request;
  request.set_model_name(kPeople);
  const auto add = [&](const char* name, const char* datatype) {
    auto& input = *request.add_inputs();
    input.set_name(name);
    input.set_datatype(datatype);
    input.add_shape(1);
    input.add_shape(1);
    return input.mutable_contents();
  };
  // The first row of the files.
  float age = 0;
  float income = 0;
  std::int64_t job = 0;
  std::memcpy(&age, FixtureArray(kPeople, "input_age.npy").data(), sizeof(age));
  std::memcpy(&income, FixtureArray(kPeople, "input_income.npy").data(), sizeof(income));
  std::memcpy(&job, FixtureArray(kPeople, "input_job.npy").data(), sizeof(job));
  add("age", "FP32")->add_fp32_contents(age);
  add("income", "FP32")->add_fp32_contents(income);
  add("city", "BYTES")->add_bytes_contents(FixtureLines(kPeople, "input_city.txt")[0]);
  add("job", "INT64")->add_int64_contents(job);
  const grpc::Status status = Ask(request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response_.outputs(0).contents().bytes_contents(0),
            FixtureLines(kPeople, "label.txt")[0]);
}

// With no rows, neither strings nor indices are looked up.
TEST_F(CategoryModelsTest, AnswersZeroRowsWithZeroRows) {
  for (ModelInferRequest request : {PeopleRequest({}), EmbeddingsRequest(0)}) {
    for (const bool raw : {true, false}) {
      SCOPED_TRACE(absl::StrCat(request.model_name(), raw ? ", raw" : ", typed"));
      for (int i = 0; i < request.inputs_size(); ++i) {
        request.mutable_inputs(i)->set_shape(0, 0);
        if (raw) request.mutable_raw_input_contents(i)->clear();
      }
      if (!raw) request.clear_raw_input_contents();
      const grpc::Status status = Ask(request);
      ASSERT_TRUE(status.ok()) << status.error_message();
      ASSERT_GT(response_.outputs_size(), 1);
      for (const auto& output : response_.outputs()) EXPECT_EQ(output.shape(0), 0);
      EXPECT_EQ(response_.raw_output_contents_size(), raw ? response_.outputs_size() : 0);
      for (const std::string& bytes : response_.raw_output_contents()) EXPECT_EQ(bytes, "");
    }
  }
}

TEST_F(CategoryModelsTest, AnswersEmbeddingsWithDecisionsAndLabels) {
  std::int64_t own = 0;
  std::memcpy(&own, FixtureArray(kEmbeddings, "input_cat.npy").data() + 4 * sizeof(own),
              sizeof(own));
  const grpc::Status status = Ask(EmbeddingsRequest(own));
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response_.outputs_size(), 3);
  EXPECT_EQ(response_.outputs(1).datatype(), "INT64");
  EXPECT_EQ(response_.raw_output_contents(1), FixtureArray(kEmbeddings, "above.npy"));
  EXPECT_EQ(response_.raw_output_contents(2), FixtureArray(kEmbeddings, "next.npy"));
}

TEST_F(CategoryModelsTest, RefusesAnIndexThatIsOutOfRange) {
  for (const std::int64_t index : {std::int64_t{7}, std::int64_t{-8}, std::int64_t{1} << 40}) {
    const grpc::Status status = Ask(EmbeddingsRequest(index));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << index;
    EXPECT_THAT(status.error_message(), HasSubstr("input 'cat' has "));
    EXPECT_THAT(status.error_message(),
                HasSubstr(" in row 2, at position 0; model 'categories_torch_embeddings_script' "
                          "expects -7 to 6"));
  }
  EXPECT_TRUE(Ask(EmbeddingsRequest(-7)).ok());
}

}  // namespace
}  // namespace mlp
