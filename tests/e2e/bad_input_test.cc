// Every wrong request gets the right code, and a message that names what is wrong, its value and
// what is expected. The server keeps serving.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/e2e/bad_input_test.h"
#include "tests/e2e/inference_client.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::HasSubstr;

struct BadRequest {
  const char* name;
  void (*spoil)(ModelInferRequest&);  // makes a valid request wrong
  grpc::StatusCode code;
  std::vector<const char*> message_parts;
};

void PrintTo(const BadRequest& bad, std::ostream* out) { *out << bad.name; }

ModelInferRequest::InferInputTensor& InputOf(ModelInferRequest& request) {
  return *request.mutable_inputs(0);
}

void MakeTyped(ModelInferRequest& request, int values) {
  request.clear_raw_input_contents();
  for (int i = 0; i < values; ++i) InputOf(request).mutable_contents()->add_fp32_contents(0.5F);
}

std::string ReprintedName(const ::testing::TestParamInfo<BadRequest>& param) {
  return param.param.name;
}

class BadInputTest : public BadInputServerTest, public ::testing::WithParamInterface<BadRequest> {};

TEST_P(BadInputTest, IsNamedInTheErrorAndTheServerKeepsServing) {
  ModelInferRequest request = DigitsRequest("digits-tanh");
  GetParam().spoil(request);
  ModelInferResponse response;
  const auto stub = inference::GRPCInferenceService::NewStub(channel_);
  const grpc::Status status = Infer(*stub, request, response);
  EXPECT_EQ(status.error_code(), GetParam().code) << status.error_message();
  for (const char* part : GetParam().message_parts) {
    EXPECT_THAT(status.error_message(), HasSubstr(part));
  }
  EXPECT_LT(status.error_message().size(), 512U);
  EXPECT_THAT(status.error_message(), ::testing::Not(HasSubstr("/")));  // no path of a file
  ExpectServing();
}

constexpr grpc::StatusCode kInvalid = grpc::StatusCode::INVALID_ARGUMENT;

INSTANTIATE_TEST_SUITE_P(
    Model, BadInputTest,
    ::testing::Values(BadRequest{"UnknownModel",
                                 [](ModelInferRequest& r) { r.set_model_name("digit"); },
                                 grpc::StatusCode::NOT_FOUND,
                                 {"model 'digit' is unknown"}},
                      BadRequest{"EmptyModelName",
                                 [](ModelInferRequest& r) { r.clear_model_name(); },
                                 kInvalid,
                                 {"name is empty"}},
                      BadRequest{"UnknownVersion",
                                 [](ModelInferRequest& r) { r.set_model_version("2"); },
                                 grpc::StatusCode::NOT_FOUND,
                                 {"version '2' of model 'digits-tanh' is unknown"}},
                      BadRequest{"VersionZero",
                                 [](ModelInferRequest& r) { r.set_model_version("0"); },
                                 grpc::StatusCode::NOT_FOUND,
                                 {"version '0'"}},
                      BadRequest{
                          "VersionBeyond64Bits",
                          [](ModelInferRequest& r) { r.set_model_version("99999999999999999999"); },
                          grpc::StatusCode::NOT_FOUND,
                          {"version '99999999999999999999'"}},
                      BadRequest{"VersionThatIsNoNumber",
                                 [](ModelInferRequest& r) { r.set_model_version("1abc"); },
                                 kInvalid,
                                 {"version '1abc' of model 'digits-tanh' is neither", "decimal"}},
                      BadRequest{"NegativeVersion",
                                 [](ModelInferRequest& r) { r.set_model_version("-1"); },
                                 kInvalid,
                                 {"version '-1'"}},
                      BadRequest{"LongAndBinaryModelName",
                                 [](ModelInferRequest& r) {
                                   r.set_model_name("line\nbreak" + std::string(10'000, 'x'));
                                 },
                                 grpc::StatusCode::NOT_FOUND,
                                 {"line\\nbreakxxx", "...'"}}),
    ReprintedName);

INSTANTIATE_TEST_SUITE_P(
    Inputs, BadInputTest,
    ::testing::Values(BadRequest{"MissingInput",
                                 [](ModelInferRequest& r) {
                                   r.clear_inputs();
                                   r.clear_raw_input_contents();
                                 },
                                 kInvalid,
                                 {"no input", "model 'digits-tanh' expects 'pixels'"}},
                      BadRequest{"MisnamedInput",
                                 [](ModelInferRequest& r) { InputOf(r).set_name("pixel"); },
                                 kInvalid,
                                 {"input 'pixel' is unknown", "expects 'pixels'"}},
                      BadRequest{"ExtraInput",
                                 [](ModelInferRequest& r) {
                                   *r.add_inputs() = r.inputs(0);
                                   r.mutable_inputs(1)->set_name("more");
                                   r.add_raw_input_contents(r.raw_input_contents(0));
                                 },
                                 kInvalid,
                                 {"input 'more' is unknown"}},
                      BadRequest{"DoubledInput",
                                 [](ModelInferRequest& r) {
                                   *r.add_inputs() = r.inputs(0);
                                   r.add_raw_input_contents(r.raw_input_contents(0));
                                 },
                                 kInvalid,
                                 {"input 'pixels' is given more than once"}},
                      BadRequest{"WrongDatatype",
                                 [](ModelInferRequest& r) { InputOf(r).set_datatype("FP64"); },
                                 kInvalid,
                                 {"input 'pixels' has datatype 'FP64'", "expects 'FP32'"}},
                      BadRequest{"NoDatatype",
                                 [](ModelInferRequest& r) { InputOf(r).clear_datatype(); },
                                 kInvalid,
                                 {"has datatype ''", "expects 'FP32'"}},
                      BadRequest{"SharedMemory",
                                 [](ModelInferRequest& r) {
                                   (*InputOf(r).mutable_parameters())["shared_memory_region"]
                                       .set_string_param("x");
                                 },
                                 kInvalid,
                                 {"input 'pixels'", "shared_memory_region"}}),
    ReprintedName);

INSTANTIATE_TEST_SUITE_P(
    Shapes, BadInputTest,
    ::testing::Values(
        BadRequest{"WrongWidth",
                   [](ModelInferRequest& r) {
                     SetShape(r, {1, 63});
                   },
                   kInvalid,
                   {"input 'pixels' has shape [1,63]; model 'digits-tanh' expects [-1,64]"}},
        BadRequest{"WrongRank",
                   [](ModelInferRequest& r) { SetShape(r, {64}); },
                   kInvalid,
                   {"has shape [64]", "expects [-1,64]"}},
        BadRequest{"NoShape",
                   [](ModelInferRequest& r) { SetShape(r, {}); },
                   kInvalid,
                   {"has shape []", "expects [-1,64]"}},
        BadRequest{"ThreeDimensions",
                   [](ModelInferRequest& r) {
                     SetShape(r, {1, 8, 8});
                   },
                   kInvalid,
                   {"has shape [1,8,8]", "expects [-1,64]"}},
        BadRequest{"ManyDimensions",
                   [](ModelInferRequest& r) {
                     for (int i = 0; i < 10'000; ++i) InputOf(r).add_shape(1);
                   },
                   kInvalid,
                   {"...]", "expects [-1,64]"}},
        BadRequest{"ZeroRowsWithValues",
                   [](ModelInferRequest& r) {
                     SetShape(r, {0, 64});
                   },
                   kInvalid,
                   {"raw bytes; its shape expects 0"}},
        BadRequest{"NegativeRows",
                   [](ModelInferRequest& r) {
                     SetShape(r, {-1, 64});
                   },
                   kInvalid,
                   {"has shape [-1,64]", "0 rows or more"}},
        BadRequest{"ZeroWidth",
                   [](ModelInferRequest& r) {
                     SetShape(r, {1, 0});
                   },
                   kInvalid,
                   {"has shape [1,0]", "expects [-1,64]"}},
        BadRequest{"NegativeWidth",
                   [](ModelInferRequest& r) {
                     SetShape(r, {1, -64});
                   },
                   kInvalid,
                   {"has shape [1,-64]", "expects [-1,64]"}},
        BadRequest{"ProductThatOverflowsToZero",
                   [](ModelInferRequest& r) {
                     SetShape(r, {std::int64_t{1} << 58, 64});
                   },
                   kInvalid,
                   {"288230376151711744 rows", "at most 128"}},
        BadRequest{"GreatestRows",
                   [](ModelInferRequest& r) {
                     SetShape(r, {std::numeric_limits<std::int64_t>::max(), 64});
                   },
                   kInvalid,
                   {"9223372036854775807 rows", "at most 128"}},
        BadRequest{"MoreRowsThanTheLimit",
                   [](ModelInferRequest& r) { r = DigitsRequest("digits-tanh", 129); },
                   kInvalid,
                   {"input 'pixels' has 129 rows", "at most 128"}}),
    ReprintedName);

INSTANTIATE_TEST_SUITE_P(
    Contents, BadInputTest,
    ::testing::Values(
        BadRequest{"RawTooShort",
                   [](ModelInferRequest& r) { r.mutable_raw_input_contents(0)->resize(252); },
                   kInvalid,
                   {"input 'pixels' has 252 raw bytes; its shape expects 256"}},
        BadRequest{"RawTooLong",
                   [](ModelInferRequest& r) { r.mutable_raw_input_contents(0)->resize(257); },
                   kInvalid,
                   {"has 257 raw bytes; its shape expects 256"}},
        BadRequest{"RawEmpty",
                   [](ModelInferRequest& r) { r.mutable_raw_input_contents(0)->clear(); },
                   kInvalid,
                   {"has 0 raw bytes; its shape expects 256"}},
        BadRequest{"MoreRawBuffersThanInputs",
                   [](ModelInferRequest& r) { r.add_raw_input_contents(r.raw_input_contents(0)); },
                   kInvalid,
                   {"2 raw_input_contents for 1 input"}},
        BadRequest{"RawAndTyped",
                   [](ModelInferRequest& r) {
                     for (int i = 0; i < 64; ++i) {
                       InputOf(r).mutable_contents()->add_fp32_contents(0.5F);
                     }
                   },
                   kInvalid,
                   {"input 'pixels' has both typed and raw contents"}},
        BadRequest{"NoContents",
                   [](ModelInferRequest& r) { r.clear_raw_input_contents(); },
                   kInvalid,
                   {"has 0 values in fp32_contents; its shape expects 64"}},
        BadRequest{"TypedTooFew",
                   [](ModelInferRequest& r) { MakeTyped(r, 63); },
                   kInvalid,
                   {"has 63 values in fp32_contents; its shape expects 64"}},
        BadRequest{"TypedTooMany",
                   [](ModelInferRequest& r) { MakeTyped(r, 65); },
                   kInvalid,
                   {"has 65 values in fp32_contents; its shape expects 64"}},
        BadRequest{"TypedOfAnotherDatatype",
                   [](ModelInferRequest& r) {
                     r.clear_raw_input_contents();
                     for (int i = 0; i < 64; ++i) {
                       InputOf(r).mutable_contents()->add_fp64_contents(0.5);
                     }
                   },
                   kInvalid,
                   {"input 'pixels'", "another datatype", "fp32_contents"}}),
    ReprintedName);

INSTANTIATE_TEST_SUITE_P(
    Outputs, BadInputTest,
    ::testing::Values(BadRequest{"UnknownOutput",
                                 [](ModelInferRequest& r) { r.add_outputs()->set_name("classes"); },
                                 kInvalid,
                                 {"output 'classes' is unknown", "'logits', 'probabilities'"}},
                      BadRequest{"OutputRequestedTwice",
                                 [](ModelInferRequest& r) {
                                   r.add_outputs()->set_name("logits");
                                   r.add_outputs()->set_name("logits");
                                 },
                                 kInvalid,
                                 {"output 'logits' is requested more than once"}},
                      BadRequest{
                          "ClassificationOfNone",
                          [](ModelInferRequest& r) {
                            auto& output = *r.add_outputs();
                            output.set_name("logits");
                            (*output.mutable_parameters())["classification"].set_int64_param(0);
                          },
                          kInvalid,
                          {"output 'logits'", "'classification'; expected an int64_param of 1"}}),
    ReprintedName);

// The size limit is what the most rows of the largest model take, plus some room.
INSTANTIATE_TEST_SUITE_P(Size, BadInputTest,
                         ::testing::Values(BadRequest{"MessageOverTheSizeLimit",
                                                      [](ModelInferRequest& r) {
                                                        r.mutable_raw_input_contents(0)->resize(
                                                            BadInputServerTest::kMaxBatchRows * 64 *
                                                                4 +
                                                            (std::size_t{64} << 10));
                                                      },
                                                      grpc::StatusCode::RESOURCE_EXHAUSTED,
                                                      {"larger than max"}}),
                         ReprintedName);

}  // namespace
}  // namespace mlp
