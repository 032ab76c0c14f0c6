// The batch dimensions of ONNX files' inputs.

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/reader.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A layer that reads the sum of the inputs, each of two units. `batches` has the batch dimension of
// each input.
std::string FileWithBatches(const std::vector<std::string>& batches) {
  std::string inputs;
  std::string sum = "node { op_type: 'Sum' output: 's' ";
  for (std::size_t i = 0; i < batches.size(); ++i) {
    absl::StrAppend(&inputs, "input { name: 'x", i,
                    "' type { tensor_type { elem_type: 1 shape { dim { ", batches[i],
                    " } dim { dim_value: 2 } } } } }\n");
    absl::StrAppend(&sum, "input: 'x", i, "' ");
  }
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrCat("opset_import { version: 17 } graph {", inputs, sum, R"( }
        node { op_type: 'MatMul' input: 's' input: 'w' output: 'y' }
        initializer { name: 'w' data_type: 1 dims: [2, 1] float_data: [1, 2] }
        output { name: 'y' } })"),
      &model));
  return model.SerializeAsString();
}

constexpr char kOne[] = "dim_value: 1";
constexpr char kNamed[] = "dim_param: 'N'";

// Exporters write a batch of any size in each of these ways.
TEST(OnnxInputsTest, AcceptABatchOfAnySizeInEverySpelling) {
  for (const char* batch : {kNamed, "", "dim_value: -1", "dim_value: 0", "dim_param: ''"}) {
    const auto read = ReadOnnx(FileWithBatches({batch, kNamed}));
    ASSERT_TRUE(read.ok()) << batch << ": " << read.status();
    EXPECT_THAT(read->warnings, IsEmpty()) << batch;
  }
}

// In ONNX, an input of one row is combined with every row of the others. Here each row of a request
// brings its own.
TEST(OnnxInputsTest, OfOneRowAmongOthersExpectOneForEachRow) {
  std::vector<std::string> batches(6, kOne);
  batches.insert(batches.begin() + 3, {kNamed, "dim_value: -1"});
  const auto read = ReadOnnx(FileWithBatches(batches));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->warnings.size(), 1U);
  EXPECT_THAT(
      read->warnings[0],
      HasSubstr(
          "'x0' [1,2], 'x1' [1,2], 'x2' [1,2], 'x5' [1,2], and 2 more have a batch of "
          "exactly 1, but other inputs have any batch; each row of a request must include one"));
}

TEST(OnnxInputsTest, OfDifferentBatchesAreRefusedWithTheirShapes) {
  EXPECT_THAT(
      std::string(ReadOnnx(FileWithBatches({"dim_value: 7", kNamed})).status().message()),
      HasSubstr(
          "some inputs have a batch of exactly 7, 'x0' [7,2], and others of any, 'x1' [-1,2]; "
          "supported is the same for all, so export all with a dynamic batch"));
}

TEST(OnnxInputsTest, OfOneRowEachAcceptBatchesOfAnySize) {
  const auto read = ReadOnnx(FileWithBatches({kOne, kOne}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->warnings.size(), 2U);
}

TEST(OnnxInputsTest, OfAnotherFixedBatchAcceptBatchesOfAnySize) {
  const auto read = ReadOnnx(FileWithBatches({"dim_value: 7"}));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->warnings.size(), 1U);
  EXPECT_THAT(read->warnings[0],
              HasSubstr("input 'x0' has a batch of exactly 7; batches of any size are accepted"));
}

}  // namespace
}  // namespace mlp
