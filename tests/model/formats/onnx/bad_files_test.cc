// The reader on files with one defect each, and on extreme ones: each is refused with its reason,
// fast and in little memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <ostream>
#include <string>
#include <vector>

#include "model/formats/onnx/reader.h"
#include "tests/model/formats/onnx/bounded_refusal.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/onnx/fixture_names.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct BadFile {
  const char* file;
  absl::StatusCode code;
  const char* message;
};

void PrintTo(const BadFile& bad, std::ostream* stream) { *stream << bad.file; }

std::string NameOfFile(const ::testing::TestParamInfo<BadFile>& bad) { return bad.param.file; }

const std::vector<BadFile>& BadFiles() {
  static const auto* const files = new std::vector<BadFile>{
      {"attribute_of_wrong_type", kInvalid,
       "node 'node_0' of type 'Gemm': attribute 'alpha' has type INT; expected FLOAT"},
      {"bias_of_wrong_length", kInvalid,
       "initializer 'b0' has dimensions [4], which do not broadcast to rows of shape [5]"},
      {"cast_to_integer", kUnimplemented,
       "node 'node_2' of type 'Gemm': its input 1 ('i') has elements of type INT64; supported are "
       "FLOAT, DOUBLE, FLOAT16 and BFLOAT16, so cast it first"},
      {"conv_node", kUnimplemented,
       "node 'convolution' of type 'Conv': its windows see more than 131072 pixels together"},
      {"custom_domain", kUnimplemented,
       "node 'node_1' of type 'Gelu7': the operator of domain 'com.example' is not supported"},
      {"custom_domain_known_name", kUnimplemented,
       "node 'node_1' of type 'Relu': the operator of domain 'com.example' is not supported"},
      {"cycle", kInvalid, "node 'node_0' of type 'Add' reads 'a', which no earlier node computes"},
      {"cycle_of_identities", kInvalid,
       "node 'node_0' of type 'Identity' reads 'q', which no earlier node computes"},
      {"dims_overflow", kInvalid,
       "its weights (initializer 'w0') have dimensions [8589934592,8589934592]; expected "
       "[7,units]"},
      {"dims_overflow_in_bytes", kInvalid,
       "its weights (initializer 'w0') have dimensions [4294967296,1073741824]; expected "
       "[7,units]"},
      {"duplicate_initializers", kInvalid, "the tensor 'w0' is defined twice; expected once"},
      {"duplicate_tensor_names", kInvalid,
       "node 'node_3' of type 'Sigmoid' computes 'a', which exists already; expected a new name"},
      {"dynamic_features", kUnimplemented,
       "input 'x' has no fixed size in dimension 1 ('M'); supported is any size in "
       "dimension "
       "0 only, so export it with the batch dynamic and the others fixed"},
      {"empty_file", kInvalid, "the file holds no graph; expected an ONNX model"},
      {"external_data_absolute", kInvalid,
       "initializer 'w0': the external data file '/etc/passwd' has a path outside the model's "
       "folder"},
      {"external_data_parent", kInvalid,
       "initializer 'w0': the external data file '../../etc/passwd' has a path outside the model's "
       "folder"},
      {"external_data_plain", absl::StatusCode::kNotFound,
       "initializer 'w0': the external data file 'weights.bin' does not exist"},
      {"flatten_axis_0", kUnimplemented,
       "the output 'y' has the shape [1,-1] with several rows for each row of the network's input; "
       "supported is [batch,...]"},
      {"float_data_too_short", kInvalid,
       "node 'node_0' of type 'Gemm': initializer 'w0' has 34 values of data; its dimensions [7,5] "
       "expect 35"},
      {"gemm_alpha_nan", kInvalid,
       "the weights of layer 'hidden_1' hold nan at position 0; expected finite numbers"},
      {"gemm_without_weights", kInvalid,
       "node 'node_0' of type 'Gemm': it has 1 input; expected 2 to 3"},
      {"gigabyte_claimed", kInvalid,
       "its weights (initializer 'w0') have dimensions [16384,16384]; expected [7,units]"},
      {"infinite_bias", kInvalid,
       "its biases (initializer 'b0') hold inf at position 2; expected finite numbers"},
      {"input_int64", kUnimplemented,
       "its input 1 ('x') has elements of type INT64; supported are FLOAT, DOUBLE, FLOAT16 and "
       "BFLOAT16"},
      {"input_negative_width", kInvalid,
       "input 'x' has rows of shape [-7]; expected no size below 0"},
      {"input_rank_1", kUnimplemented,
       "input 'x' has 1 dimension of exactly 7; supported are [batch,features], and [batch] of any "
       "size"},
      {"input_without_shape", kUnimplemented,
       "input 'x' has no shape; supported are inputs with a shape in the file, [batch,features]"},
      {"integer_weights", kUnimplemented,
       "node 'node_0' of type 'Gemm': initializer 'w0' has elements of type INT32; supported are "
       "FLOAT"},
      {"leaky_relu_alpha_nan", kInvalid,
       "node 'node_1' of type 'LeakyRelu': attribute 'alpha' is nan; expected a finite number"},
      {"missing_initializer", kInvalid,
       "node 'node_2' of type 'Gemm' reads 'w1', which no earlier node computes"},
      {"nan_weights", kInvalid,
       "the weights of layer 'hidden_1' hold nan at position 17; expected finite numbers"},
      {"negative_dims", kInvalid,
       "its weights (initializer 'w0') have dimensions [-7,-5]; expected [7,units]"},
      {"nested_subgraphs", kInvalid, "the file is not an ONNX model, or is truncated"},
      {"no_graph", kInvalid, "the file holds no graph; expected an ONNX model"},
      {"no_inputs", kUnimplemented,
       "the graph has no input, so every answer would be the same; supported are one or more"},
      {"no_layers", kUnimplemented,
       "the network has no dense layer; supported are perceptrons, with at least one"},
      {"no_opset", kInvalid, "the file names no ONNX operator set; expected one"},
      {"no_outputs", kInvalid, "the graph has no output; expected one"},
      {"node_reads_itself", kInvalid,
       "node 'node_1' of type 'Relu' reads 'a', which no earlier node computes"},
      {"opset_6", kUnimplemented, "the file has operator set 6; supported are 7 to 26"},
      {"opset_9999", kUnimplemented, "the file has operator set 9999; supported are 7 to 26"},
      {"output_nobody_makes", kInvalid, "the output 'answer' is computed by no node"},
      {"random_bytes", kInvalid, "the file is not an ONNX model, or is truncated"},
      {"raw_and_float_data", kInvalid,
       "initializer 'w0' has both raw and typed data; expected one of the two"},
      {"raw_data_too_long", kInvalid,
       "initializer 'w0' has 144 bytes of data; its dimensions [7,5] expect 140"},
      {"raw_data_too_short", kInvalid,
       "initializer 'w0' has 136 bytes of data; its dimensions [7,5] expect 140"},
      {"reshape_mixes_rows", kUnimplemented,
       "the output 'y' has the shape [-1,1] with several rows for each row of the network's input; "
       "supported is [batch,...]"},
      {"slopes_of_wrong_length", kInvalid,
       "node 'node_1' of type 'PRelu': 'z' has shape [-1,5] and 'slope' has shape [4]; expected "
       "dimensions that, counted from the last, are equal or 1"},
      {"softmax_axis_0", kUnimplemented,
       "node 'node_3' of type 'Softmax': axis 0 is the batch's, so each row's result would depend "
       "on the other rows; supported are axes from 1 on"},
      {"tensor_nobody_makes", kInvalid,
       "node 'node_1' of type 'Relu' reads 'nowhere', which no earlier node computes"},
      {"text_file", kInvalid, "the file is not an ONNX model, or is truncated"},
      {"trans_a", kUnimplemented,
       "node 'node_0' of type 'Gemm': transA is not 0, so rows would become columns; supported is "
       "0"},
      {"truncated", kInvalid, "the file is not an ONNX model, or is truncated"},
      {"truncated_by_one_byte", kInvalid, "the file is not an ONNX model, or is truncated"},
      {"unknown_attribute", kInvalid,
       "node 'node_0' of type 'Gemm': attribute 'gamma' is unknown for this operator; known are "
       "alpha, beta, transA, transB"},
      {"weights_do_not_fit", kInvalid,
       "node 'node_0' of type 'Gemm': its weights (initializer 'w0') have dimensions [6,5]; "
       "expected [7,units]"},
      {"weights_from_activations", kInvalid,
       "node 'node_2' of type 'Gemm': its input 1 ('a') has the shape [-1,5], and its input 2 "
       "('z') "
       "[-1,5]; expected 5 rows of the second"},
      {"weights_of_unknown_type", kUnimplemented,
       "node 'node_0' of type 'Gemm': initializer 'w0' has elements of type 99, which this server "
       "does not know; supported are FLOAT"},
      {"weights_rank_3", kUnimplemented,
       "node 'node_0' of type 'Gemm': it adds to a product with the batch in dimension 1"},
      {"zero_width_layer", kUnimplemented,
       "node 'node_0' of type 'Gemm': its weights (initializer 'w0') make a layer of 0 units; "
       "supported are 1 to 1048576"},
  };
  return *files;
}

class BadFileTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadFileTest, IsRefusedWithItsReason) {
  const std::string file = std::string(GetParam().file) + ".onnx";
  const std::int64_t before = PeakBytes();
  const auto read = ReadOnnxFile(ExportsFolder() / "bad" / file);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.status().code(), GetParam().code) << read.status();
  EXPECT_THAT(std::string(read.status().message()),
              AllOf(HasSubstr(GetParam().message), ::testing::StartsWith("'" + file + "': ")));
  ExpectReadable(read.status());
  EXPECT_LT(PeakBytes() - before, std::int64_t{64} << 20);
}

INSTANTIATE_TEST_SUITE_P(All, BadFileTest, ::testing::ValuesIn(BadFiles()), NameOfFile);

TEST(BadFilesTest, AreExactlyThoseInTheFolder) {
  std::vector<std::string> listed;
  for (const BadFile& bad : BadFiles()) listed.push_back(std::string(bad.file) + ".onnx");
  std::sort(listed.begin(), listed.end());
  EXPECT_EQ(listed, NamesIn(ExportsFolder() / "bad", ".onnx"));
}

// An empty message means that the file is read.
const std::vector<BadFile>& ExtremeFiles() {
  static const auto* const files = new std::vector<BadFile>{
      {"chain_of_10000_identities", absl::StatusCode::kOk, ""},
      {"name_of_100_kilobytes", absl::StatusCode::kOk, ""},
      {"node_name_of_100_kilobytes", kUnimplemented,
       "cccccccc...' of type 'Conv': its windows see more than 131072 pixels together"},
  };
  return *files;
}

class ExtremeFileTest : public ::testing::TestWithParam<BadFile> {};

// Of CPU time, because a busy machine may not run the test for seconds.
TEST_P(ExtremeFileTest, IsReadOrRefusedWithinASecond) {
  const std::clock_t begin = std::clock();
  const auto read =
      ReadOnnxFile(ExportsFolder() / "limits" / (std::string(GetParam().file) + ".onnx"));
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC);
  EXPECT_EQ(read.status().code(), GetParam().code) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(GetParam().message));
  ExpectReadable(read.status());
}

INSTANTIATE_TEST_SUITE_P(All, ExtremeFileTest, ::testing::ValuesIn(ExtremeFiles()), NameOfFile);

TEST(ExtremeFilesTest, AreExactlyThoseInTheFolder) {
  std::vector<std::string> listed;
  for (const BadFile& extreme : ExtremeFiles()) {
    listed.push_back(std::string(extreme.file) + ".onnx");
  }
  EXPECT_EQ(listed, NamesIn(ExportsFolder() / "limits", ".onnx"));
}

}  // namespace
}  // namespace mlp
