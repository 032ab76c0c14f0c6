// Answers that no right server sends are refused, with what is wrong with them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/infer_messages.h"
#include "tests/client/fake_server.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

struct MalformedCase {
  const char* name;
  std::function<void(inference::ModelInferResponse&)> answer;
  std::vector<std::string> outputs;
  const char* message;
};

void PrintTo(const MalformedCase& malformed, std::ostream* out) { *out << malformed.name; }

class MalformedAnswerTest : public ::testing::TestWithParam<MalformedCase> {};

TEST_P(MalformedAnswerTest, IsRefused) {
  inference::ModelInferResponse response;
  GetParam().answer(response);
  const absl::Status status = ReadInferResponse(response, /*rows=*/2, GetParam().outputs).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

using Response = inference::ModelInferResponse;

INSTANTIATE_TEST_SUITE_P(
    FromAServer, MalformedAnswerTest,
    ::testing::Values(
        MalformedCase{"NoOutput", [](Response& /*response*/) {}, {}, "no output"},
        MalformedCase{"TooFewBytes",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2, 3}, {1, 2, 3});
                      },
                      {},
                      "output 'y' has 12 bytes for shape [2,3]"},
        MalformedCase{"TooManyBytes",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2, 3});
                      },
                      {},
                      "output 'y' has 12 bytes for shape [2]"},
        MalformedCase{"PartOfAFloat",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2});
                        response.mutable_raw_output_contents(0)->append("a");
                      },
                      {},
                      "has 9 bytes"},
        MalformedCase{"OtherRows",
                      [](Response& response) {
                        AddRawOutput(response, "y", {1, 2}, {1, 2});
                      },
                      {},
                      "output 'y' has shape [1,2] for 2 rows"},
        MalformedCase{"NoRank",
                      [](Response& response) { AddRawOutput(response, "y", {}, {1}); },
                      {},
                      "has shape [] for 2 rows"},
        MalformedCase{"NegativeDimensions",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2, -1, -1}, {1, 2});
                      },
                      {},
                      "has shape [2,-1,-1]"},
        MalformedCase{"EmptyDimension",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2, std::int64_t{1} << 60, 0}, {});
                      },
                      {},
                      "has shape [2,"},
        MalformedCase{"ShapeThatOverflows",
                      [](Response& response) {
                        const std::int64_t large = std::int64_t{1} << 32;
                        AddRawOutput(response, "y", {2, large, large}, {});
                      },
                      {},
                      "has shape [2,4294967296,4294967296]"},
        MalformedCase{"EndlessRank",
                      [](Response& response) {
                        std::vector<std::int64_t> shape(100'000, 1);
                        shape[0] = 2;
                        AddRawOutput(response, "y", shape, {1, 2});
                      },
                      {},
                      ",...] for 2 rows"},
        MalformedCase{"MoreBuffersThanOutputs",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2});
                        response.add_raw_output_contents("more");
                      },
                      {},
                      "2 raw buffers for 1 outputs"},
        MalformedCase{"NoContents",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2});
                        response.clear_raw_output_contents();
                      },
                      {},
                      "output 'y' has 0 values for shape [2]"},
        MalformedCase{"TheSameOutputTwice",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2});
                        AddRawOutput(response, "y", {2}, {1, 2});
                      },
                      {},
                      "'y' came twice"},
        MalformedCase{"AnOutputMissing",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2});
                      },
                      {"z"},
                      "'z' was asked for and is missing"},
        MalformedCase{"AnOutputTooMany",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2});
                        AddRawOutput(response, "z", {2}, {1, 2});
                      },
                      {"z"},
                      "2 outputs where 1 were asked for"},
        MalformedCase{"OtherDatatype",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1, 2});
                        response.mutable_outputs(0)->set_datatype("COMPLEX");
                      },
                      {},
                      "output 'y' has datatype COMPLEX, which this client does not read"},
        MalformedCase{"TextsThatEndEarly",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1});
                        response.mutable_outputs(0)->set_datatype("BYTES");
                      },
                      {},
                      "output 'y' has 4 bytes of strings for shape [2]"},
        MalformedCase{"TextsTooMany",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {0, 0, 0});
                        response.mutable_outputs(0)->set_datatype("BYTES");
                      },
                      {},
                      "output 'y' has 12 bytes of strings for shape [2]"},
        MalformedCase{"TooManyBooleans",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {1});
                        response.mutable_outputs(0)->set_datatype("BOOL");
                      },
                      {},
                      "output 'y' has 4 bytes for shape [2]"},
        MalformedCase{"ANumberAboveInt64",
                      [](Response& response) {
                        AddRawOutput(response, "y", {2}, {});
                        response.mutable_outputs(0)->set_datatype("UINT64");
                        response.set_raw_output_contents(0, std::string(16, '\xff'));
                      },
                      {},
                      "output 'y' has a number of UINT64 above that of INT64"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace mlp
