// The reader on the committed files: real exports with their exporters' own answers, files with one
// defect each, and files damaged at random.

#include "model/formats/onnx/reader.h"
#include "model/formats/io/external_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "tests/bytes_of_file.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The longest message that a log and a status page show well. The list of operators takes up most
// of it.
constexpr std::size_t kLongestMessage = 1024;

// The sorted names in a folder of fixtures. Empty if it cannot be read, which a test below rejects.
std::vector<std::string> NamesIn(const std::filesystem::path& folder,
                                 const std::string& extension = "") {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == extension) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Expects a message that fits into a log: short and printable, whatever the file holds.
void ExpectReadable(const absl::Status& status) {
  EXPECT_LE(status.message().size(), kLongestMessage);
  EXPECT_TRUE(std::all_of(status.message().begin(), status.message().end(), [](char c) {
    return c >= ' ' && c <= '~';
  })) << status;
}

// The peak memory of this process, in bytes.
std::int64_t PeakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

// ---- Memory ----

TEST(OnnxMemoryTest, RefusesAFileThatTakesMoreThanIsLeft) {
  const std::filesystem::path file = ExportsFolder() / "good/torch_static_batch_1/model.onnx";
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(file));
  const auto read = [&](std::int64_t most) {
    return ReadOnnxFile(file, ExternalData{}, most).status();
  };
  EXPECT_EQ(read(2 * bytes - 1).code(), absl::StatusCode::kResourceExhausted);
  // The file fits, but not together with its values.
  EXPECT_EQ(read(2 * bytes).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(read(2 * bytes).message(), HasSubstr("are left"));
  EXPECT_TRUE(read(64 * bytes).ok());
}

// ---- Files that are read ----

class GoodFileTest : public ::testing::TestWithParam<std::string> {};

// A sum whose terms cancel is accurate only on the scale of its terms. The largest value of the row
// stands for that scale.
void ExpectNear(const std::vector<float>& actual, const std::vector<float>& expected,
                std::int64_t width) {
  ASSERT_EQ(actual.size(), expected.size());
  const auto columns = static_cast<std::size_t>(width);
  for (std::size_t first = 0; first < expected.size(); first += columns) {
    float scale = 0.0F;
    for (std::size_t i = first; i < first + columns; ++i) {
      scale = std::max(scale, std::fabs(expected[i]));
    }
    for (std::size_t i = first; i < first + columns; ++i) {
      EXPECT_LE(std::fabs(actual[i] - expected[i]), 1e-5F * scale)
          << actual[i] << " in row " << first / columns << ", column " << i - first << "; expected "
          << expected[i];
    }
  }
}

TEST_P(GoodFileTest, AnswersAsTheExporterDoes) {
  const std::filesystem::path folder = ExportsFolder() / "good" / GetParam();
  absl::StatusOr<ReadNetwork> read = ReadOnnxFile(folder / "model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();

  // Only in these is the batch static or are the probabilities in maps.
  const bool warned = GetParam().find("static") != std::string::npos ||
                      GetParam().find("zipmap") != std::string::npos;
  EXPECT_THAT(read->warnings, SizeIs(warned ? 1 : 0));

  const NpyArray<float> inputs = NumbersOf(folder / "inputs.npy");
  ASSERT_THAT(inputs.shape, Not(IsEmpty()));
  const std::int64_t rows = inputs.shape[0];
  const std::vector<NetworkOutput> outputs = read->network.outputs();
  EXPECT_EQ(read->network.inputs().front().shape,
            std::vector<std::int64_t>(inputs.shape.begin() + 1, inputs.shape.end()));
  const auto with_file =
      std::count_if(outputs.begin(), outputs.end(), [&](const NetworkOutput& output) {
        return std::filesystem::exists(folder / (output.tensor.name + ".npy"));
      });
  // Labels and the results of ZipMap have none.
  EXPECT_THAT(NamesIn(folder, ".npy"), SizeIs(with_file + 1));

  const std::vector<std::vector<float>> answers = AnswersOf(read->network, {inputs}).values;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const TensorSpec& tensor = outputs[i].tensor;
    SCOPED_TRACE(tensor.name);
    if (!std::filesystem::exists(folder / (tensor.name + ".npy"))) continue;
    const NpyArray<float> expected = NumbersOf(folder / (tensor.name + ".npy"));
    std::vector<std::int64_t> shape = {rows};
    shape.insert(shape.end(), tensor.shape.begin(), tensor.shape.end());
    EXPECT_EQ(shape, expected.shape);
    ExpectNear(answers[i], expected.values, tensor.width());
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoodFileTest, ::testing::ValuesIn(NamesIn(ExportsFolder() / "good")),
                         [](const auto& folder) { return folder.param; });

TEST(FixturesTest, AreThere) {
  EXPECT_GE(NamesIn(ExportsFolder() / "good").size(), 80U);
  EXPECT_GE(NamesIn(ExportsFolder() / "bad", ".onnx").size(), 60U);
}

TEST(ReadOnnxTest, KeepsTheOrderOfTheOutputs) {
  const auto read = ReadOnnxFile(ExportsFolder() / "good/hand_outputs_in_another_order/model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<NetworkOutput>& outputs = read->network.outputs();
  ASSERT_THAT(outputs, SizeIs(2));
  EXPECT_EQ(outputs[0].tensor.name, "p");
  EXPECT_EQ(outputs[0].tap, Tap::kActivation);
  EXPECT_EQ(outputs[1].tensor.name, "y");
  EXPECT_EQ(outputs[1].tap, Tap::kPreActivation);
}

TEST(ReadOnnxTest, WarnsIfABatchOfOneIsTakenAsAny) {
  const auto read = ReadOnnxFile(ExportsFolder() / "good/torch_static_batch_1/model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->warnings,
              ElementsAre("input 'x' has a batch of exactly 1; batches of any size are accepted"));
}

// ---- Files that are refused ----

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

// ---- Extreme files ----

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

TEST_P(ExtremeFileTest, IsReadOrRefusedWithinASecond) {
  const auto begin = std::chrono::steady_clock::now();
  const auto read =
      ReadOnnxFile(ExportsFolder() / "limits" / (std::string(GetParam().file) + ".onnx"));
  const auto duration = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(duration, std::chrono::seconds(1));
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

// ---- Files damaged step by step and at random ----

TEST(BrokenFileTest, EveryTruncationIsRefused) {
  const std::string whole = BytesOfFile(ExportsFolder() / "good/hand_prelu_slope_row/model.onnx");
  ASSERT_TRUE(ReadOnnx(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = ReadOnnx(whole.substr(0, size));
    EXPECT_FALSE(read.ok()) << "of " << size << " bytes";
    EXPECT_EQ(read.status().code(), kInvalid) << "of " << size << " bytes: " << read.status();
  }
}

class FlippedFileTest : public ::testing::TestWithParam<const char*> {};

// Whatever can still be read must also be safe to evaluate.
TEST_P(FlippedFileTest, IsReadOrRefusedInBoundedMemory) {
  const std::string whole = BytesOfFile(ExportsFolder() / "good" / GetParam() / "model.onnx");
  const std::int64_t before = PeakBytes();
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same files in every run
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string broken = whole;
    const auto flips = 1 + random() % 3;
    for (std::size_t flip = 0; flip < flips; ++flip) {
      const std::size_t position = random() % broken.size();
      broken[position] = static_cast<char>(random() & 0xFF);
    }
    absl::StatusOr<ReadNetwork> read = ReadOnnx(broken);
    if (read.ok()) {
      if (read->network.inputs().size() > 1) continue;
      const std::int64_t width = read->network.inputs().front().width();
      AnswersOf(read->network,
                {{{2, width}, std::vector<float>(static_cast<std::size_t>(2 * width), 0.5F)}});
      continue;
    }
    ++refused;
    EXPECT_THAT(read.status().code(), AnyOf(kInvalid, kUnimplemented)) << "flip " << i;
    ExpectReadable(read.status());
  }
  EXPECT_GT(refused, 1000);
  // If the reader trusted a shape before it had seen the data, this would take gigabytes.
  EXPECT_LT(PeakBytes() - before, std::int64_t{512} << 20);
}

INSTANTIATE_TEST_SUITE_P(All, FlippedFileTest,
                         ::testing::Values("hand_one_layer", "hand_prelu_slope_row",
                                           "hand_initializers_typed", "hand_reshape_0_minus_1",
                                           "torch_view_size"),
                         [](const auto& folder) { return std::string(folder.param); });

// ---- Paths that are not regular files ----

TEST(ReadOnnxFileTest, RefusesAPathThatIsNoRegularFileAndHidesItsFolder) {
  const std::filesystem::path folder = ExportsFolder() / "good";
  const auto missing = ReadOnnxFile(folder / "missing.onnx");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.status().message(), "there is no file 'missing.onnx'");
  const auto directory = ReadOnnxFile(folder);
  EXPECT_EQ(directory.status().code(), kInvalid);
  EXPECT_EQ(directory.status().message(), "'good' is not a regular file");
  const auto device = ReadOnnxFile("/dev/zero");
  EXPECT_EQ(device.status().code(), kInvalid);
  EXPECT_EQ(device.status().message(), "'zero' is not a regular file");
}

}  // namespace
}  // namespace mlp
