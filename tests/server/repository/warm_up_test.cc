#include "server/repository/warm_up.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <ostream>
#include <string>

#include "tests/server/small_network.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class WarmUpTest : public ::testing::Test {
 protected:
  WarmUpTest() {
    std::filesystem::create_directories(folder_.path() / "warmup");
    std::ofstream(folder_.path() / "warmup/row") << "12345678";
    std::ofstream(folder_.path() / "warmup/short") << "1234567";
    std::ofstream(folder_.path() / "warmup/long") << "123456789";
  }

  absl::StatusOr<std::vector<WarmUpRequest>> Read(const char* text) {
    inference::ModelConfig config;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
    return ReadWarmUp(folder_.path(), config, SmallNetwork());
  }

  TemporaryFolder folder_;
};

TEST_F(WarmUpTest, ReadsRowsOfZerosOfRandomValuesAndOfAFile) {
  const auto requests = Read(R"(
    model_warmup { name: 'zeros'
                   inputs { key: 'x' value { data_type: TYPE_FP32 dims: 2 zero_data: true } } }
    model_warmup { name: 'random' batch_size: 8 count: 3
                   inputs { key: 'x' value { data_type: TYPE_FP32 dims: 2 random_data: true } } }
    model_warmup { name: 'file'
                   inputs { key: 'x' value { data_type: TYPE_FP32 dims: 2
                                             input_data_file: 'row' } } })");
  ASSERT_TRUE(requests.ok()) << requests.status();
  ASSERT_EQ(requests->size(), 3U);
  EXPECT_EQ(requests->at(0).rows, 1);
  EXPECT_EQ(requests->at(0).times, 1);
  EXPECT_EQ(requests->at(0).inputs.at(0).row, std::string(8, '\0'));
  EXPECT_EQ(requests->at(1).rows, 8);
  EXPECT_EQ(requests->at(1).times, 3);
  EXPECT_NE(requests->at(1).inputs.at(0).row, std::string(8, '\0'));
  EXPECT_EQ(requests->at(2).inputs.at(0).row, "12345678");
}

// As in Triton, `dims` is the shape including the batch.
TEST_F(WarmUpTest, AcceptsDimsWithABatchOfOneIfMaxBatchSizeIsZero) {
  const auto requests = Read(R"(
    model_warmup { name: 'zeros' batch_size: 4
                   inputs { key: 'x' value { data_type: TYPE_FP32 dims: [ 1, 2 ]
                                             zero_data: true } } })");
  ASSERT_TRUE(requests.ok()) << requests.status();
  EXPECT_EQ(requests->at(0).rows, 4);
  EXPECT_EQ(requests->at(0).inputs.at(0).row, std::string(8, '\0'));
  const auto eight = Read(R"(
    model_warmup { name: 'zeros'
                   inputs { key: 'x' value { data_type: TYPE_FP32 dims: [ 8, 2 ]
                                             zero_data: true } } })");
  EXPECT_THAT(std::string(eight.status().message()),
              HasSubstr("has dims [8,2]; expected a batch of 1, and the rows of a request in "
                        "batch_size"));
}

struct WrongWarmUp {
  const char* entry;
  const char* input;
  const char* message;
};

void PrintTo(const WrongWarmUp& wrong, std::ostream* out) { *out << wrong.message; }

class WrongWarmUpTest : public WarmUpTest, public ::testing::WithParamInterface<WrongWarmUp> {};

TEST_P(WrongWarmUpTest, IsNamedInTheError) {
  const std::string text = std::string("max_batch_size: 16 model_warmup { name: 'w' ") +
                           GetParam().entry + " inputs { " + GetParam().input + " } }";
  const auto requests = Read(text.c_str());
  ASSERT_FALSE(requests.ok());
  EXPECT_THAT(std::string(requests.status().message()), HasSubstr("model_warmup 'w'"));
  EXPECT_THAT(std::string(requests.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongWarmUpTest,
    ::testing::Values(
        WrongWarmUp{"batch_size: 17", "key: 'x'", "batch_size is 17; expected at most 16"},
        WrongWarmUp{"count: 1001", "key: 'x'", "count is 1001; expected at most 1000"},
        WrongWarmUp{"", "key: 'y'", "has no input 'x'"},
        WrongWarmUp{"inputs { key: 'x' value { data_type: TYPE_FP32 dims: 2 zero_data: true } }",
                    "key: 'y'", "the model has no input 'y'"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_INT8 dims: 2 zero_data: true }",
                    "input 'x' has data_type TYPE_INT8; the model has FP32"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_FP32 dims: 3 zero_data: true }",
                    "input 'x' has dims [3]; the model has [2]"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_FP32 dims: [ 1, 2 ] zero_data: true }",
                    "input 'x' has dims [1,2]; the model has [2], without the batch, as "
                    "max_batch_size is 16"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_FP32 dims: 2 }", "has no data"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_FP32 dims: 2 input_data_file: '../row' }",
                    "input_data_file '../row'; expected the name of a file"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_FP32 dims: 2 input_data_file: 'none' }",
                    "there is no file 'none'"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_FP32 dims: 2 input_data_file: 'short' }",
                    "'short' has 7 bytes; expected 8"},
        WrongWarmUp{"", "key: 'x' value { data_type: TYPE_FP32 dims: 2 input_data_file: 'long' }",
                    "'long' has 9 bytes; expected at most 8"}));

}  // namespace
}  // namespace mlp
