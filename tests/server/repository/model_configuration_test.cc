// What the repository takes from config.pbtxt, and what it refuses there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/repository/model_repository.h"
#include "tests/server/repository/model_repository_test.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(RepositoryTest, ReadsAModelsConfiguration) {
  AddModel("tanh/1/network.onnx");
  AddFile("tanh/labels.txt", "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
  AddFile("tanh/config.pbtxt", R"(
    name: "tanh" backend: "mlpserve" max_batch_size: 8 default_model_filename: "network.onnx"
    input { name: "pixels" data_type: TYPE_FP32 dims: 64 }
    output { name: "probabilities" dims: 10 label_filename: "labels.txt" }
    parameters { key: "owner" value { string_value: "we" } }
    parameters { key: "weights" value { string_value: "int8" } })");
  const Contents contents = Load();
  ASSERT_THAT(Listed(contents), ElementsAre("tanh/1"));
  const ModelVersion& version = contents.versions[0];
  ASSERT_TRUE(version.network.has_value()) << version.status;
  EXPECT_EQ(version.settings.config.max_batch_size(), 8);
  EXPECT_EQ(version.settings.weights, WeightStorage::kInt8);
  for (std::size_t i = 0; i < version.network->outputs().size(); ++i) {
    const bool labelled = version.network->outputs()[i].tensor.name == "probabilities";
    EXPECT_EQ(version.settings.labels[i].size(), labelled ? 10U : 0U);
  }
}

// With max_batch_size 0, `dims` are Triton's full shape, including the batch. The network has no
// batch dimension, so a batch of 1 and one of any size are the same to it.
TEST_F(RepositoryTest, ReadsDimsWithTheBatchIfMaxBatchSizeIsZero) {
  AddModel("tanh/1/model.onnx");
  for (const char* batch : {"1, ", "-1, ", "8, ", ""}) {
    AddFile("tanh/config.pbtxt",
            absl::StrCat("max_batch_size: 0 input { name: 'pixels' dims: [", batch,
                         "64] } output { name: 'probabilities' dims: [", batch, "10] }"));
    const Contents contents = Load();
    ASSERT_THAT(Listed(contents), ElementsAre("tanh/1")) << contents.versions[0].status;
  }
}

struct WrongConfiguration {
  const char* name;
  const char* text;
  const char* message;
};

void PrintTo(const WrongConfiguration& wrong, std::ostream* stream) { *stream << wrong.name; }

class WrongConfigurationTest : public RepositoryTest,
                               public ::testing::WithParamInterface<WrongConfiguration> {};

TEST_P(WrongConfigurationTest, RefusesTheModelWithItsReason) {
  AddModel("tanh/1/model.onnx");
  AddFile("tanh/short.txt", "one\ntwo\n");
  AddFile("tanh/latin.txt", "\xdf");
  AddFile("tanh/config.pbtxt", GetParam().text);
  const Contents contents = Load();
  ASSERT_THAT(Listed(contents), ElementsAre("tanh/1!"));
  EXPECT_THAT(std::string(contents.versions[0].status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongConfigurationTest,
    ::testing::Values(
        WrongConfiguration{"UnknownField", "sequence_batching { }",
                           "config.pbtxt: unsupported fields: sequence_batching; supported: name"},
        WrongConfiguration{"NoText", "max_batch_size: many", "config.pbtxt, line 1, column 17"},
        WrongConfiguration{"AnotherName", "name: 'relu'",
                           "config.pbtxt: name is 'relu'; the folder is 'tanh'"},
        WrongConfiguration{"AnotherBackend", "backend: 'pytorch'",
                           "backend is 'pytorch'; expected 'mlpserve' or 'onnxruntime'"},
        WrongConfiguration{"AnotherPlatform", "platform: 'tensorrt_plan'",
                           "platform is 'tensorrt_plan'; expected 'mlpserve_onnx' or"},
        WrongConfiguration{"NegativeBatch", "max_batch_size: -1", "max_batch_size is -1"},
        WrongConfiguration{"UnknownWeights",
                           "parameters { key: 'weights' value { string_value: 'int4' } }",
                           "config.pbtxt: parameter 'weights': 'int4' is not a storage of weights; "
                           "expected float32, bfloat16 or int8"},
        WrongConfiguration{"FileElsewhere", "default_model_filename: '../2/model.onnx'",
                           "expected the name of a file in the version"},
        WrongConfiguration{"UnknownInput", "input { name: 'y' }", "the model has no input 'y'"},
        WrongConfiguration{"UnknownOutput", "output { name: 'y' }", "the model has no output 'y'"},
        WrongConfiguration{"InputTwice", "input { name: 'pixels' } input { name: 'pixels' }",
                           "config.pbtxt: the input 'pixels' is listed twice"},
        WrongConfiguration{"OutputTwice",
                           "output { name: 'probabilities' } output { name: 'probabilities' }",
                           "config.pbtxt: the output 'probabilities' is listed twice"},
        WrongConfiguration{"AnotherDatatype", "input { name: 'pixels' data_type: TYPE_INT8 }",
                           "input 'pixels' has data_type TYPE_INT8; the model has FP32"},
        WrongConfiguration{"OtherDimensions", "output { name: 'probabilities' dims: [2, 5] }",
                           "output 'probabilities' has dims [2,5]; the model has [10], or [-1,10] "
                           "with the batch"},
        WrongConfiguration{"BatchOfNoRows", "output { name: 'probabilities' dims: [0, 10] }",
                           "has dims [0,10]; the model has [10], or [-1,10] with the batch"},
        WrongConfiguration{"BatchBesideMaxBatchSize",
                           "max_batch_size: 8 input { name: 'pixels' dims: [1, 64] }",
                           "input 'pixels' has dims [1,64]; the model has [64], without the batch, "
                           "as max_batch_size is 8"},
        WrongConfiguration{"LabelsElsewhere",
                           "output { name: 'probabilities' label_filename: '../labels.txt' }",
                           "label_filename is '../labels.txt'; expected the name of a file"},
        WrongConfiguration{"NoLabels",
                           "output { name: 'probabilities' label_filename: 'labels.txt' }",
                           "there is no file 'labels.txt'"},
        WrongConfiguration{"TooFewLabels",
                           "output { name: 'probabilities' label_filename: 'short.txt' }",
                           "the label file 'short.txt' has 2 lines; expected 10"},
        WrongConfiguration{"LabelsOfAnotherEncoding",
                           "output { name: 'probabilities' label_filename: 'latin.txt' }",
                           "the label file 'latin.txt' is not UTF-8"}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace mlp
