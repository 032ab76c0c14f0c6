// Requests to a model with several inputs and every kind of output, from the message to the answer.

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/rpc/infer_request.h"
#include "server/rpc/infer_response.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "a", INT8 of one value, and "b", FP32 of two, concatenated and passed through the identity.
Network ThreeUnits() {
  Layer layer;
  layer.inputs = layer.units = 3;
  layer.dense().weights = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  layer.dense().bias = {0, 0, 0};
  layer.sources = {Source::OfInput(0, 1), Source::OfInput(1, 2)};
  const auto output = [](const char* name, Datatype datatype, OutputKind kind) {
    NetworkOutput made;
    made.tensor = {name, {3}, datatype};
    made.kind = kind;
    return made;
  };
  std::vector<NetworkOutput> outputs = {output("half", Datatype::kFp16, OutputKind::kValues),
                                        output("double", Datatype::kFp64, OutputKind::kValues),
                                        output("number", Datatype::kInt64, OutputKind::kLabel),
                                        output("name", Datatype::kBytes, OutputKind::kLabel),
                                        output("above", Datatype::kInt32, OutputKind::kDecisions)};
  outputs[2].tensor.shape = {};
  outputs[2].integer_labels = {10, 20, 30};
  outputs[3].tensor.shape = {1};
  outputs[3].string_labels = {"ant", "bee", "cicada"};
  outputs[4].threshold = 1.5F;
  auto network = Network::Create({{"a", {1}, Datatype::kInt8}, {"b", {2}}}, {std::move(layer)},
                                 std::move(outputs));
  EXPECT_TRUE(network.ok()) << network.status();
  return std::move(network).value();
}

class GraphInferTest : public ::testing::Test {
 protected:
  GraphInferTest() {
    model_.name = "three";
    model_.version = "1";
    model_.evaluator = std::make_unique<const Evaluator>(ThreeUnits(), 0.01, arena_);
    model_.network = model_.evaluator->shared_network();
    model_.longest_label_bytes.resize(model_.network->outputs().size());
    NameClasses();
    model_.max_batch_rows = 8;
  }

  void NameClasses() {
    model_.class_names.clear();
    for (std::size_t i = 0; i < model_.network->outputs().size(); ++i) {
      model_.class_names.push_back(ClassNamesOf(*model_.network, model_.settings, i));
    }
  }

  absl::Status Answer(const std::string& text, const std::vector<const char*>& outputs,
                      std::int64_t best_units = 0) {
    ModelInferRequest message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
    for (const char* name : outputs) {
      auto& output = *message.add_outputs();
      output.set_name(name);
      if (best_units > 0) {
        (*output.mutable_parameters())["classification"].set_int64_param(best_units);
      }
    }
    InferRequest request;
    if (auto status = ReadInferRequest(message, model_, request); !status.ok()) return status;
    Batch batch(*model_.evaluator, model_.max_batch_rows);
    const std::int64_t first_row = batch.Add(request.rows, request.inputs);
    NetworkActivity activity = MakeNetworkActivity(*model_.network);
    batch.Evaluate(activity);
    response_.Clear();
    std::vector<const float*> values;
    for (std::size_t i = 0; i < model_.network->outputs().size(); ++i) {
      values.push_back(batch.Output(i, first_row));
    }
    Classes classes;
    AddClasses(model_, request, request.rows, values, classes);
    WriteInferResponse(model_, request, message.id(), values, classes, response_);
    return absl::OkStatus();
  }

  tbb::task_arena arena_{1};
  ServedModel model_;
  ModelInferResponse response_;
};

// Two rows, with the inputs in another order than the model's: [2, 1, 0.5] and [-1, 3, 4].
constexpr char kTyped[] = R"(
  inputs { name: "b" datatype: "FP32" shape: [2, 2] contents { fp32_contents: [1, 0.5, 3, 4] } }
  inputs { name: "a" datatype: "INT8" shape: [2, 1] contents { int_contents: [2, -1] } })";
constexpr char kRaw[] = R"(
  inputs { name: "a" datatype: "INT8" shape: [2, 1] }
  inputs { name: "b" datatype: "FP32" shape: [2, 2] }
  raw_input_contents: "\x02\xff"
  raw_input_contents: "\x00\x00\x80\x3f\x00\x00\x00\x3f\x00\x00\x40\x40\x00\x00\x80\x40")";

TEST_F(GraphInferTest, AnswersTypedRequestsWithTypedValues) {
  ASSERT_TRUE(Answer(kTyped, {"double", "number", "name", "above"}).ok());
  ASSERT_EQ(response_.outputs_size(), 4);
  EXPECT_EQ(response_.raw_output_contents_size(), 0);
  EXPECT_EQ(response_.outputs(0).datatype(), "FP64");
  EXPECT_THAT(response_.outputs(0).contents().fp64_contents(), ElementsAre(2, 1, 0.5, -1, 3, 4));
  EXPECT_EQ(response_.outputs(1).datatype(), "INT64");
  EXPECT_THAT(response_.outputs(1).shape(), ElementsAre(2));
  EXPECT_THAT(response_.outputs(1).contents().int64_contents(), ElementsAre(10, 30));
  EXPECT_EQ(response_.outputs(2).datatype(), "BYTES");
  EXPECT_THAT(response_.outputs(2).shape(), ElementsAre(2, 1));
  EXPECT_THAT(response_.outputs(2).contents().bytes_contents(), ElementsAre("ant", "cicada"));
  EXPECT_EQ(response_.outputs(3).datatype(), "INT32");
  EXPECT_THAT(response_.outputs(3).contents().int_contents(), ElementsAre(1, 0, 0, 0, 1, 1));
}

TEST_F(GraphInferTest, AnswersRawRequestsWithRawValues) {
  ASSERT_TRUE(Answer(kRaw, {"half", "number", "name", "above"}).ok());
  ASSERT_EQ(response_.raw_output_contents_size(), 4);
  EXPECT_EQ(response_.raw_output_contents(0),
            std::string("\x00\x40\x00\x3c\x00\x38\x00\xbc\x00\x42\x00\x44", 12));
  EXPECT_EQ(response_.raw_output_contents(1),
            std::string("\x0a\0\0\0\0\0\0\0\x1e\0\0\0\0\0\0\0", 16));
  EXPECT_EQ(response_.raw_output_contents(2), std::string("\3\0\0\0ant\6\0\0\0cicada", 17));
  EXPECT_EQ(response_.raw_output_contents(3).size(), 6 * sizeof(std::int32_t));
}

// The protocol has no typed form for halves.
TEST_F(GraphInferTest, AlwaysAnswersHalfPrecisionWithRawValues) {
  ASSERT_TRUE(Answer(kTyped, {"half", "number"}).ok());
  EXPECT_EQ(response_.raw_output_contents_size(), 2);
  EXPECT_FALSE(response_.outputs(1).has_contents());
}

TEST_F(GraphInferTest, NamesTheGreatestUnits) {
  ASSERT_TRUE(Answer(kTyped, {"double"}, 2).ok());
  EXPECT_EQ(response_.outputs(0).datatype(), "BYTES");
  EXPECT_THAT(response_.outputs(0).shape(), ElementsAre(2, 2));
  EXPECT_THAT(
      response_.outputs(0).contents().bytes_contents(),
      ElementsAre("2.000000:0:ant", "1.000000:1:bee", "4.000000:2:cicada", "3.000000:1:bee"));
  ASSERT_TRUE(Answer(kRaw, {"half"}, 9).ok());
  EXPECT_THAT(response_.outputs(0).shape(), ElementsAre(2, 3));
  EXPECT_EQ(response_.raw_output_contents(0).substr(0, 18),
            std::string("\x0e\0\0\0", 4) + "2.000000:0:ant");
}

TEST_F(GraphInferTest, PrefersUnitNamesFromALabelFile) {
  model_.settings.labels = {{}, {"x", "y", "z"}, {}, {}, {}};
  NameClasses();
  ASSERT_TRUE(Answer(kTyped, {"double"}, 1).ok());
  EXPECT_THAT(response_.outputs(0).contents().bytes_contents(),
              ElementsAre("2.000000:0:x", "4.000000:2:z"));
}

TEST_F(GraphInferTest, RefusesDifferentNumbersOfRows) {
  const absl::Status status = Answer(R"(
    inputs { name: "b" datatype: "FP32" shape: [2, 2] contents { fp32_contents: [1, 2, 3, 4] } }
    inputs { name: "a" datatype: "INT8" shape: [1, 1] contents { int_contents: 2 } })",
                                     {});
  EXPECT_EQ(status.message(), "input 'b' has 2 rows and input 'a' has 1; expected the same number");
}

TEST_F(GraphInferTest, RefusesAMissingInput) {
  const absl::Status status = Answer(R"(
    inputs { name: "b" datatype: "FP32" shape: [1, 2] contents { fp32_contents: [1, 2] } })",
                                     {});
  EXPECT_EQ(status.message(), "the request has no input 'a'; model 'three' expects 'a', 'b'");
}

TEST_F(GraphInferTest, RefusesAnIntegerOutOfItsDatatypesRange) {
  const absl::Status status = Answer(R"(
    inputs { name: "a" datatype: "INT8" shape: [1, 1] contents { int_contents: 128 } }
    inputs { name: "b" datatype: "FP32" shape: [1, 2] contents { fp32_contents: [1, 2] } })",
                                     {});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("input 'a' has the value 128; INT8 expects -128 to 127"));
}

TEST_F(GraphInferTest, RefusesToClassifyLabels) {
  EXPECT_THAT(std::string(Answer(kTyped, {"name"}, 1).message()),
              HasSubstr("output 'name' holds labels, which cannot be classified"));
}

}  // namespace
}  // namespace mlp
