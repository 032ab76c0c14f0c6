#include "client/commands/infer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/npy.h"
#include "client/rows_reader.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class InferTest : public ::testing::Test {
 protected:
  InferTest() { server_.ServeDoubler(); }

  CommandOutcome Infer(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), {"infer", "doubler", "--address", server_.address()});
    return RunCommand(arguments, input);
  }

  // Writes a file of this test and returns its path.
  std::string File(const std::string& name, const std::string& contents) const {
    std::string path = (folder_.path() / name).string();
    std::ofstream(path, std::ios::binary) << contents;
    return path;
  }

  const TemporaryFolder folder_;
  FakeServer server_;
};

// A "classifier" of 4 pixels with one class for each. It returns its input as "probabilities".
void ServePixels(FakeServer& server) {
  server.ServeDoubler();
  server.infer = [](const inference::ModelInferRequest& request,
                    inference::ModelInferResponse& response) {
    AddRawOutput(response, "probabilities", {request.inputs(0).shape(0), 4}, RawInput(request));
    return grpc::Status::OK;
  };
}

constexpr char kPixels[] = "0,1,0,0\n1,0,0,0\n0,0,0,1\n";

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

TEST_F(InferTest, ShowsNoRawBytesOfAFile) {
  const CommandOutcome outcome =
      Infer({"--input", File("bytes.csv", "a,b,c\n1,\x1b[2J\x9c\u202E,3\n")});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err,
              HasSubstr("line 2, column 2: '\\x1b[2J\\x9c\\u202e'; expected a number\n"));
}

TEST_F(InferTest, SendsAsManyRowsAsTheModelTakesAtATime) {
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

TEST_F(InferTest, TellsTheAccuracy) {
  ServePixels(server_);
  const std::string labels = File("labels.npy", WriteNpy({3}, {1, 0, 2}));
  EXPECT_EQ(Infer({"--labels", labels, "--output-format", "none"}, kPixels).out,
            "accuracy 2/3 = 66.7 %\n");
  EXPECT_EQ(Infer({"--labels", labels, "--outputs", "probabilities"}, kPixels).out,
            "row  class  label  probabilities\n"
            "  0      1      1  0.0000 1.0000 0.0000 0.0000\n"
            "  1      0      0  1.0000 0.0000 0.0000 0.0000\n"
            "  2      3      2  0.0000 0.0000 0.0000 1.0000\n"
            "accuracy 2/3 = 66.7 %\n");
}

// Answers rows of two scores with the name of the greater one as "output_label", "ham" or "spam",
// and with the scores themselves as "output_probability".
void ServeMail(FakeServer& server) {
  server.metadata = [](const auto& /*request*/, inference::ModelMetadataResponse& response) {
    auto& input = *response.add_inputs();
    input.set_name("x");
    input.set_datatype("FP32");
    for (const int dimension : {-1, 2}) input.add_shape(dimension);
    for (const char* name : {"output_label", "output_probability"}) {
      auto& output = *response.add_outputs();
      output.set_name(name);
      (*output.mutable_parameters())["class_names"].set_string_param(R"(["ham", "spam"])");
    }
    return grpc::Status::OK;
  };
  server.infer = [](const inference::ModelInferRequest& request,
                    inference::ModelInferResponse& response) {
    const std::vector<float> values = RawInput(request);
    auto& labels = *response.add_outputs();
    labels.set_name("output_label");
    labels.set_datatype("BYTES");
    labels.add_shape(request.inputs(0).shape(0));
    std::string& raw = *response.add_raw_output_contents();
    for (std::size_t i = 0; i < values.size(); i += 2) {
      raw += values[i] >= values[i + 1] ? std::string("\3\0\0\0ham", 7)
                                        : std::string("\4\0\0\0spam", 8);
    }
    AddRawOutput(response, "output_probability", {request.inputs(0).shape(0), 2}, values);
    return grpc::Status::OK;
  };
}

constexpr char kMail[] = "0.25,0.75\n1,0\n";

TEST_F(InferTest, ShowsTheLabelsOfAClassifier) {
  ServeMail(server_);
  EXPECT_EQ(Infer({}, kMail).out,
            "row  output_label  output_probability:     ham    spam\n"
            "  0  spam                               0.2500  0.7500\n"
            "  1  ham                                1.0000  0.0000\n");
  const std::string labels = File("labels.npy", WriteNpyStrings({2}, {"spam", "spam"}).value());
  EXPECT_EQ(Infer({"--labels", labels, "--output-format", "none"}, kMail).out,
            "accuracy 1/2 = 50.0 %\n");
  const CommandOutcome csv = Infer({"--labels", labels, "--output-format", "csv"}, kMail);
  EXPECT_EQ(csv.out,
            "output_label,output_probability:ham,output_probability:spam\n"
            "spam,0.25,0.75\nham,1,0\n");
  EXPECT_EQ(csv.err, "accuracy 1/2 = 50.0 %\n");
}

TEST_F(InferTest, RefusesLabelsThatTheClassifierDoesNotHave) {
  ServeMail(server_);
  const std::string labels = File("labels.npy", WriteNpyStrings({2}, {"spam", "eggs"}).value());
  const CommandOutcome outcome = Infer({"--labels", labels}, kMail);
  EXPECT_THAT(outcome.err, HasSubstr("labels.npy': label 'eggs' of row 1; output 'output_label' "
                                     "has the classes 'ham', 'spam'\n"));
}

TEST_F(InferTest, WritesAllOutputsOfAClassifierAsNpz) {
  ServeMail(server_);
  const std::string npz = File("mail.npz", "");
  ASSERT_EQ(Infer({"--output", npz}, kMail).exit_code, kExitDone);
  const std::string archive = ReadFile(npz).value();
  const std::string texts = WriteNpyStrings({2}, {"spam", "ham"}).value();
  EXPECT_THAT(archive, HasSubstr("output_label.npy" + texts));
  EXPECT_THAT(archive,
              HasSubstr("output_probability.npy" + WriteNpy({2, 2}, {0.25f, 0.75f, 1, 0})));
  EXPECT_THAT(archive, HasSubstr("output_probability.classes.npy" +
                                 WriteNpyStrings({2}, {"ham", "spam"}).value()));
  const std::string csv = File("mail.csv", "");
  ASSERT_EQ(Infer({"--output", csv}, kMail).exit_code, kExitDone);
  EXPECT_THAT(ReadFile(csv).value(), HasSubstr("\nspam,0.25,0.75\n"));
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

TEST_F(InferTest, KeepsPipesPure) {
  ServePixels(server_);
  const std::string labels = File("labels.npy", WriteNpy({3}, {1, 0, 2}));
  const CommandOutcome json = Infer({"--labels", labels, "--output-format", "json"}, kPixels);
  EXPECT_TRUE(nlohmann::json::accept(json.out)) << json.out;
  EXPECT_EQ(json.err, "accuracy 2/3 = 66.7 %\n");
}

TEST_F(InferTest, RefusesLabelsThatDoNotFit) {
  ServePixels(server_);
  EXPECT_THAT(Infer({"--labels", File("two.npy", WriteNpy({2}, {1, 0}))}, kPixels).err,
              HasSubstr("has 2 labels; standard input has 3 rows"));
  EXPECT_THAT(Infer({"--labels", File("4.npy", WriteNpy({3}, {1, 0, 4}))}, kPixels).err,
              HasSubstr("label 4 of row 2; output 'probabilities' has classes 0 to 3"));
  EXPECT_THAT(Infer({"--labels", File("half.npy", WriteNpy({3}, {1, 0, 0.5f}))}, kPixels).err,
              HasSubstr("element 2 of the .npy file is 0.5"));
  EXPECT_THAT(Infer({"--labels", "/nonexistent.npy"}, kPixels).err,
              HasSubstr("'/nonexistent.npy'"));
}

TEST_F(InferTest, DrawsARowAsItWasGiven) {
  ServePixels(server_);
  const std::string labels = File("labels.npy", WriteNpy({3}, {1, 0, 2}));
  const CommandOutcome outcome = Infer(
      {"--labels", labels, "--draw", "2", "--output-format", "none", "--scale", "0.5"}, kPixels);
  EXPECT_EQ(outcome.out,
            "accuracy 2/3 = 66.7 %\n"
            "row 2: answer 3, label 2 (wrong)\n"
            "\n"
            "          0 |                              |   0.0 %\n"
            "          1 |                              |   0.0 %\n"
            "    @@    2 |                              |   0.0 %  <- label\n"
            "          3 |###############               |  50.0 %  <- answer\n");
}

TEST_F(InferTest, RefusesImpossibleDrawings) {
  ServePixels(server_);
  EXPECT_THAT(Infer({"--draw", "3"}, kPixels).err,
              HasSubstr("--draw is row 3; standard input has"));
  EXPECT_THAT(Infer({"--draw", "-1"}, kPixels).err, HasSubstr("--draw is row -1"));
  EXPECT_THAT(Infer({"--draw", "0"}, "[1, 2, 3]").err,
              HasSubstr("--draw: a row of 3 values cannot be drawn; expected a square"));
}

TEST_F(InferTest, ShowsTheServersRefusal) {
  EXPECT_EQ(Infer({}, "[1, 2]").err,
            "mlp-client: INVALID_ARGUMENT: input 'x' has the wrong shape; expected [-1,3]\n");
  EXPECT_EQ(Infer({"--outputs", "nope"}, "[1, 2, 3]").err,
            "mlp-client: INVALID_ARGUMENT: output 'nope' is not known\n");
}

}  // namespace
}  // namespace mlp
