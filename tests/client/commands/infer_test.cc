#include "client/commands/infer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "client/npy.h"
#include "client/rows_reader.h"
#include "tests/client/commands/infer_test.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(InferTest, ReadsStandardInputAndPrintsATable) {
  const CommandOutcome outcome = Infer({}, "[[1, 2, 3], [0.5, 0, 0]]");
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(outcome.out,
            "row  twice              sum\n"
            "  0  2.000 4.000 6.000  6.000\n"
            "  1  1.000 0.000 0.000  0.500\n");
  EXPECT_EQ(Infer({"--input", "-"}, "[[1, 2, 3], [0.5, 0, 0]]").out, outcome.out);
}

TEST_F(InferTest, ReadsAFile) {
  const std::string path = File("rows.csv", "a,b,c\n1,2,3\n");
  EXPECT_EQ(Infer({"--input", path, "--outputs", "sum"}).out, "row  sum\n  0  6.000\n");
  EXPECT_THAT(Infer({"--input", File("bad.csv", "1,2\n3,x\n")}).err,
              HasSubstr("bad.csv': line 2, column 2: 'x'; expected a number\n"));
  EXPECT_THAT(Infer({"--input", "/nonexistent.csv"}).err, HasSubstr("'/nonexistent.csv'"));
}

TEST_F(InferTest, EscapesTheBytesOfAFileInMessages) {
  const CommandOutcome outcome =
      Infer({"--input", File("bytes.csv", "a,b,c\n1,\x1b[2J\x9c\u202E,3\n")});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err,
              HasSubstr("line 2, column 2: '\\x1b[2J\\x9c\\u202e'; expected a number\n"));
}

TEST_F(InferTest, SendsAsManyRowsAtATimeAsTheModelAccepts) {
  std::vector<std::int64_t> rows;
  const auto serve = server_.infer;
  server_.infer = [&](const auto& request, auto& response) {
    rows.push_back(request.inputs(0).shape(0));
    return serve(request, response);
  };
  const std::string input = "1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n";
  ASSERT_EQ(Infer({}, input).exit_code, kExitDone);
  EXPECT_THAT(rows, ElementsAre(4, 2));
  rows.clear();
  ASSERT_EQ(Infer({"--rows-per-request", "3"}, input).exit_code, kExitDone);
  EXPECT_THAT(rows, ElementsAre(3, 3));
  rows.clear();
  server_.config = nullptr;  // a server without the extension that gives the limit
  EXPECT_EQ(Infer({}, input).err, "mlp-client: INVALID_ARGUMENT: more than 4 rows\n");
  EXPECT_THAT(rows, ElementsAre(6));
}

TEST_F(InferTest, ScalesTheInputs) {
  EXPECT_EQ(Infer({"--scale", "-0.5", "--outputs", "sum"}, "[2, 4, 6]").out,
            "row  sum\n  0  -6.000\n");
}

TEST_F(InferTest, PrintsJson) {
  const CommandOutcome outcome = Infer({"--output-format", "json"}, "[[1, 2, 0.1]]");
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["model"], "doubler");
  EXPECT_EQ(json["version"], "7");
  EXPECT_EQ(json["outputs"]["twice"][0][2].get<float>(), 0.2f);
}

TEST_F(InferTest, PrintsOneOutputAsNpy) {
  const CommandOutcome outcome =
      Infer({"--output-format", "npy", "--outputs", "twice"}, WriteNpy({3}, {1, 2, 3}));
  const auto array = ReadNpyFloats(outcome.out).value();
  EXPECT_THAT(array.shape, ElementsAre(1, 3));
  EXPECT_THAT(array.values, ElementsAre(2, 4, 6));
  const CommandOutcome both = Infer({"--output-format", "npy"}, "[1, 2, 3]");
  EXPECT_EQ(both.exit_code, kExitError);
  EXPECT_THAT(both.err, HasSubstr("2 (twice, sum); name one with --outputs"));
}

TEST_F(InferTest, WritesTheFormatOfTheFilesExtension) {
  const std::string npy = File("sum.npy", "");
  ASSERT_EQ(Infer({"--output", npy, "--outputs", "sum"}, "[1, 2, 3]").exit_code, kExitDone);
  EXPECT_THAT(ReadNpyFloats(ReadFile(npy).value()).value().values, ElementsAre(6));
  const std::string json = File("sum.json", "");
  ASSERT_EQ(Infer({"--output", json}, "[1, 2, 3]").exit_code, kExitDone);
  EXPECT_EQ(nlohmann::json::parse(ReadFile(json).value())["outputs"]["sum"][0], 6);
  const std::string text = File("sum.txt", "");
  ASSERT_EQ(Infer({"--output", text}, "[1, 2, 3]").exit_code, kExitDone);
  EXPECT_THAT(ReadFile(text).value(), HasSubstr("row  twice"));
  const CommandOutcome nowhere = Infer({"--output", "/nonexistent/x"}, "[1, 2, 3]");
  EXPECT_EQ(
      nowhere.err,
      "mlp-client: NOT_FOUND: '/nonexistent/x' cannot be written: No such file or directory\n");
}

// As pandas writes a frame with gaps.
TEST_F(InferTest, SendsMissingValuesToModelsThatFillThemIn) {
  const CommandOutcome refused = Infer({}, "a,b,c\n1,,3\n");
  EXPECT_EQ(refused.exit_code, kExitError);
  EXPECT_EQ(refused.err,
            "mlp-client: INVALID_ARGUMENT: standard input: line 2, column 2 is empty, and model "
            "'doubler' does not impute missing values there (as SimpleImputer does); expected "
            "a number\n");
  server_.config = [config = server_.config](const auto& request, auto& response) {
    const grpc::Status status = config(request, response);
    (*response.mutable_config()->mutable_parameters())["layers"].set_string_value(
        R"([{"imputes": [[0, 1, 2]]}])");
    return status;
  };
  EXPECT_EQ(Infer({"--outputs", "twice"}, "a,b,c\n1,,3\n").out,
            "row  twice\n  0  2.000   nan 6.000\n");
  EXPECT_EQ(Infer({"--outputs", "twice"}, "[1, 2, null]").out,
            "row  twice\n  0  2.000 4.000   nan\n");
  EXPECT_THAT(Infer({}, ",2,3\n1,2,3\n").err, HasSubstr("line 1, column 1 is empty"));
}

// Takes an "age" and a "city", and returns the city as "home".
void ServePeople(FakeServer& server) {
  server.metadata = [](const auto& /*request*/, inference::ModelMetadataResponse& response) {
    for (const auto& [name, datatype] : {std::pair("age", "FP32"), std::pair("city", "BYTES")}) {
      auto& input = *response.add_inputs();
      input.set_name(name);
      input.set_datatype(datatype);
      for (const int dimension : {-1, 1}) input.add_shape(dimension);
    }
    return grpc::Status::OK;
  };
  server.infer = [](const inference::ModelInferRequest& request,
                    inference::ModelInferResponse& response) {
    auto& home = *response.add_outputs();
    home.set_name("home");
    home.set_datatype("BYTES");
    home.add_shape(request.inputs(1).shape(0));
    response.add_raw_output_contents(request.raw_input_contents(1));
    return grpc::Status::OK;
  };
}

TEST_F(InferTest, SendsTextsFromCsvAndJson) {
  ServePeople(server_);
  const std::string expected = "row  home\n  0  Oslo\n  1  Rio, Brazil\n";
  EXPECT_EQ(Infer({}, "age,city\n40.5,Oslo\n7,\"Rio, Brazil\"\n").out, expected);
  EXPECT_EQ(Infer({}, R"([[40.5, "Oslo"], [7, "Rio, Brazil"]])").out, expected);
  EXPECT_EQ(Infer({}, "40.5,007\n").out, "row  home\n  0  007\n");
  EXPECT_EQ(Infer({}, "age,city\n").out, "row  home\n");
  EXPECT_THAT(Infer({}, "40.5,Oslo\nx,Bern\n").err,
              HasSubstr("standard input: line 2, column 1: 'x'; expected a number"));
  EXPECT_THAT(Infer({}, WriteNpy({1, 2}, {1, 2})).err, HasSubstr("expected JSON or CSV"));
  EXPECT_THAT(Infer({}, "40.5\n").err,
              HasSubstr("a row has 1 numbers and 0 texts; model 'doubler' takes 'age' FP32 [-1,1], "
                        "'city' BYTES [-1,1], concatenated in this order"));
}

TEST_F(InferTest, AnswersNoRowsWithAnEmptyTable) {
  EXPECT_EQ(Infer({}, "a,b,c\n").out, "row  twice  sum\n");
  EXPECT_EQ(Infer({}, WriteNpy({0, 3}, {})).out, "row  twice  sum\n");
  EXPECT_EQ(Infer({"--output-format", "csv"}, "").out, "twice:0,twice:1,twice:2,sum\n");
  const CommandOutcome other = Infer({}, WriteNpy({0, 4}, {}));
  EXPECT_EQ(other.err,
            "mlp-client: INVALID_ARGUMENT: standard input: rows of 4 values; model 'doubler' "
            "expects 3\n");
  EXPECT_THAT(Infer({"--draw", "0"}, "").err, HasSubstr("--draw is row 0; standard input has no"));
}

TEST_F(InferTest, ShowsTheServersRefusal) {
  EXPECT_EQ(Infer({}, "[1, 2]").err,
            "mlp-client: INVALID_ARGUMENT: input 'x' has the wrong shape; expected [-1,3]\n");
  EXPECT_EQ(Infer({"--outputs", "nope"}, "[1, 2, 3]").err,
            "mlp-client: INVALID_ARGUMENT: output 'nope' is not known\n");
}

}  // namespace
}  // namespace mlp
