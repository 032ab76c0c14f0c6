// What infer shows of a classifier: its classes, the accuracy over given labels, and a row as a
// picture.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/npy.h"
#include "client/rows_reader.h"
#include "tests/client/commands/infer_test.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

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

TEST_F(InferTest, PrintsTheAccuracy) {
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

TEST_F(InferTest, WritesNothingExceptAnswersToStandardOutput) {
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

TEST_F(InferTest, DrawsARowBeforeItIsScaled) {
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

}  // namespace
}  // namespace mlp
