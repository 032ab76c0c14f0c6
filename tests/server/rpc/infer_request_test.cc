// tests/e2e/bad_input_test.cc checks what wrong requests get over the wire. This file checks how
// valid ones are read, and requests that a real client cannot easily send.

#include "server/rpc/infer_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/answer_size.h"
#include "tests/server/small_network.h"
#include "tests/server/small_request.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kMaxRows = 4;

ModelInferRequest RightRequest(std::int64_t rows = 2) { return SmallRequest(rows); }

void MakeTyped(ModelInferRequest& message, int values) {
  message.clear_raw_input_contents();
  for (int i = 0; i < values; ++i) {
    message.mutable_inputs(0)->mutable_contents()->add_fp32_contents(static_cast<float>(i));
  }
}

void SetShape(ModelInferRequest& message, std::initializer_list<std::int64_t> shape) {
  message.mutable_inputs(0)->clear_shape();
  for (const std::int64_t dimension : shape) message.mutable_inputs(0)->add_shape(dimension);
}

class InferRequestTest : public ::testing::Test {
 protected:
  InferRequestTest() {
    model_.name = "small";
    model_.version = "1";
    model_.network = std::make_shared<const Network>(SmallNetwork());
    model_.longest_label_bytes.resize(model_.network->outputs().size());
    model_.max_batch_rows = kMaxRows;
    model_.max_answer_bytes = 1 << 20;
  }

  absl::Status Read(const ModelInferRequest& message) {
    return ReadInferRequest(message, model_, request_);
  }

  std::vector<std::size_t> OutputsAskedFor() const {
    std::vector<std::size_t> indices;
    for (const RequestedOutput& output : request_.outputs) indices.push_back(output.index);
    return indices;
  }

  ServedModel model_;
  InferRequest request_;
};

TEST_F(InferRequestTest, FindsRawRowsInTheMessage) {
  const ModelInferRequest message = RightRequest(3);
  ASSERT_TRUE(Read(message).ok());
  EXPECT_EQ(request_.rows, 3);
  EXPECT_TRUE(request_.raw);
  EXPECT_EQ(request_.inputs.front().data, message.raw_input_contents(0).data());
  EXPECT_THAT(OutputsAskedFor(), ElementsAre(0, 1));
}

TEST_F(InferRequestTest, FindsTypedRowsInTheMessage) {
  ModelInferRequest message = RightRequest(2);
  MakeTyped(message, 4);
  ASSERT_TRUE(Read(message).ok());
  EXPECT_EQ(request_.rows, 2);
  EXPECT_FALSE(request_.raw);
  EXPECT_EQ(request_.inputs.front().data, message.inputs(0).contents().fp32_contents().data());
}

TEST_F(InferRequestTest, AcceptsOneRowAndAsManyAsTheLimit) {
  EXPECT_TRUE(Read(RightRequest(1)).ok());
  EXPECT_TRUE(Read(RightRequest(kMaxRows)).ok());
  EXPECT_FALSE(Read(RightRequest(kMaxRows + 1)).ok());
}

TEST_F(InferRequestTest, KeepsTheOrderOfTheRequestedOutputs) {
  ModelInferRequest message = RightRequest();
  message.add_outputs()->set_name("answer");
  ASSERT_TRUE(Read(message).ok());
  EXPECT_THAT(OutputsAskedFor(), ElementsAre(1));
  message.add_outputs()->set_name("sum");
  ASSERT_TRUE(Read(message).ok());
  EXPECT_THAT(OutputsAskedFor(), ElementsAre(1, 0));
}

TEST_F(InferRequestTest, ReplacesARequestReadBefore) {
  ModelInferRequest typed = RightRequest();
  MakeTyped(typed, 4);
  ASSERT_TRUE(Read(RightRequest(3)).ok());
  ASSERT_TRUE(Read(typed).ok());
  EXPECT_EQ(request_.rows, 2);
  EXPECT_FALSE(request_.raw);
  EXPECT_EQ(request_.outputs.size(), 2U);
}

TEST_F(InferRequestTest, IgnoresParametersThatChangeNoTensor) {
  ModelInferRequest message = RightRequest();
  (*message.mutable_parameters())["priority"].set_uint64_param(1);
  (*message.mutable_inputs(0)->mutable_parameters())["binary_data_size"].set_int64_param(16);
  EXPECT_TRUE(Read(message).ok());
}

struct WrongRequest {
  const char* name;
  void (*spoil)(ModelInferRequest&);
  std::vector<const char*> message_parts;
};

void PrintTo(const WrongRequest& wrong, std::ostream* out) { *out << wrong.name; }

class WrongRequestTest : public InferRequestTest,
                         public ::testing::WithParamInterface<WrongRequest> {};

TEST_P(WrongRequestTest, IsInvalidAndNamedInOneShortLine) {
  ModelInferRequest message = RightRequest();
  GetParam().spoil(message);
  const absl::Status status = Read(message);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  for (const char* part : GetParam().message_parts) {
    EXPECT_THAT(status.message(), HasSubstr(part));
  }
  EXPECT_LT(status.message().size(), 300U);
  for (const char c : status.message()) EXPECT_TRUE(c >= ' ' && c <= '~') << status.message();
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, WrongRequestTest,
    ::testing::Values(
        WrongRequest{"None", [](ModelInferRequest& m) { m.Clear(); }, {"no input", "'x'"}},
        WrongRequest{"NoName",
                     [](ModelInferRequest& m) { m.mutable_inputs(0)->clear_name(); },
                     {"input '' is unknown", "expects 'x'"}},
        WrongRequest{"HostileName",
                     [](ModelInferRequest& m) {
                       m.mutable_inputs(0)->set_name("\n\x1b[31m" + std::string(100'000, 'y'));
                     },
                     {"\\n\\x1b", "...'"}},
        WrongRequest{"Twice",
                     [](ModelInferRequest& m) {
                       *m.add_inputs() = m.inputs(0);
                       m.add_raw_input_contents(m.raw_input_contents(0));
                     },
                     {"'x' is given more than once"}},
        WrongRequest{"LowerCaseDatatype",
                     [](ModelInferRequest& m) { m.mutable_inputs(0)->set_datatype("fp32"); },
                     {"datatype 'fp32'", "expects 'FP32'"}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Shapes, WrongRequestTest,
    ::testing::Values(WrongRequest{"None",
                                   [](ModelInferRequest& m) { SetShape(m, {}); },
                                   {"shape []", "expects [-1,2]"}},
                      WrongRequest{"Width",
                                   [](ModelInferRequest& m) {
                                     SetShape(m, {1, 4});
                                   },
                                   {"shape [1,4]", "expects [-1,2]"}},
                      // The product of the dimensions is right.
                      WrongRequest{"BothNegative",
                                   [](ModelInferRequest& m) {
                                     SetShape(m, {-2, -2});
                                   },
                                   {"shape [-2,-2]"}},
                      // 2^63 rows of two floats are 0 bytes modulo 2^64.
                      WrongRequest{"Overflow",
                                   [](ModelInferRequest& m) {
                                     SetShape(m, {std::int64_t{1} << 61, 2});
                                     m.mutable_raw_input_contents(0)->clear();
                                   },
                                   {"2305843009213693952 rows", "at most 4"}},
                      WrongRequest{"LeastRows",
                                   [](ModelInferRequest& m) {
                                     SetShape(m, {std::numeric_limits<std::int64_t>::min(), 2});
                                   },
                                   {"0 rows or more"}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Contents, WrongRequestTest,
    ::testing::Values(
        WrongRequest{"OneByteShort",
                     [](ModelInferRequest& m) { m.mutable_raw_input_contents(0)->pop_back(); },
                     {"15 raw bytes", "expects 16"}},
        WrongRequest{"OneByteLong",
                     [](ModelInferRequest& m) { m.mutable_raw_input_contents(0)->push_back(0); },
                     {"17 raw bytes", "expects 16"}},
        WrongRequest{"TypedOneShort",
                     [](ModelInferRequest& m) { MakeTyped(m, 3); },
                     {"3 values", "expects 4"}},
        WrongRequest{"TypedAndEmptyRaw",
                     [](ModelInferRequest& m) {
                       MakeTyped(m, 4);
                       m.add_raw_input_contents("");
                     },
                     {"both typed and raw"}},
        WrongRequest{"RawAndTypedOfAnotherDatatype",
                     [](ModelInferRequest& m) {
                       m.mutable_inputs(0)->mutable_contents()->add_int64_contents(1);
                     },
                     {"both typed and raw contents"}},
        WrongRequest{"TwoRawBuffers",
                     [](ModelInferRequest& m) { m.add_raw_input_contents(""); },
                     {"2 raw_input_contents for 1 input"}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Outputs, WrongRequestTest,
    ::testing::Values(WrongRequest{"Unknown",
                                   [](ModelInferRequest& m) { m.add_outputs()->set_name("y"); },
                                   {"'y' is unknown", "'sum', 'answer'"}},
                      WrongRequest{"Twice",
                                   [](ModelInferRequest& m) {
                                     m.add_outputs()->set_name("sum");
                                     m.add_outputs()->set_name("answer");
                                     m.add_outputs()->set_name("sum");
                                   },
                                   {"'sum' is requested more than once"}},
                      WrongRequest{
                          "ClassificationOfNone",
                          [](ModelInferRequest& m) {
                            auto& output = *m.add_outputs();
                            output.set_name("sum");
                            (*output.mutable_parameters())["classification"].set_int64_param(0);
                          },
                          {"'sum'", "'classification'"}}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(InferRequestTest, RefusesEachParameterThatAsksForSharedMemory) {
  for (const char* key :
       {"shared_memory_region", "shared_memory_byte_size", "shared_memory_offset"}) {
    ModelInferRequest message = RightRequest();
    (*message.mutable_inputs(0)->mutable_parameters())[key].set_string_param("1");
    EXPECT_THAT(Read(message).message(), HasSubstr(key));
  }
}

TEST_F(InferRequestTest, RefusesARequestWhoseAnswerWouldBeTooLarge) {
  ASSERT_TRUE(Read(RightRequest(1)).ok());
  const std::int64_t bytes = AnswerBytes(model_, request_);
  model_.max_answer_bytes = bytes;
  EXPECT_TRUE(Read(RightRequest(1)).ok());
  model_.max_answer_bytes = bytes - 1;
  const absl::Status status = Read(RightRequest(1));
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("would take ", bytes)));
  // With fewer outputs requested, the answer is smaller.
  ModelInferRequest one = RightRequest(1);
  one.add_outputs()->set_name("sum");
  EXPECT_TRUE(Read(one).ok());
}

}  // namespace
}  // namespace mlp
