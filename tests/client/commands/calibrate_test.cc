// calibrate as a whole command: on files and on a server's models.

#include "client/commands/calibrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/npy.h"
#include "client/rows_reader.h"
#include "client/write_file.h"
#include "model/drift/baseline_file.h"
#include "model/drift/network_digest.h"
#include "model/formats/model_file.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHeldOutPixels[] = MLP_SOURCE_DIR "/deploy/models/held_out/pixels.npy";

class CalibrateFileTest : public ::testing::Test {
 protected:
  CalibrateFileTest() {
    std::filesystem::copy(MLP_SOURCE_DIR "/deploy/models/repository/digits-sigmoid/1", folder_);
  }

  std::string File(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  // The baseline in a file, which must belong to the model.
  Baseline Read(const std::string& file) const {
    const absl::StatusOr<ReadNetwork> read = ReadModelFile(folder_);
    const absl::StatusOr<std::string> bytes = ReadFile(file);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    const absl::StatusOr<Baseline> baseline =
        ReadBaseline(*bytes, read->network, NetworkDigest(read->network));
    EXPECT_TRUE(baseline.ok()) << baseline.status();
    return baseline.ok() ? *baseline : Baseline();
  }

  const TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path().string();
};

TEST_F(CalibrateFileTest, WritesABaselineNextToTheModelAndPrintsItsContents) {
  const CommandOutcome outcome = RunCommand({"calibrate", folder_, "--input", kHeldOutPixels});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  const Baseline baseline = Read(File("baseline.safetensors"));
  EXPECT_EQ(baseline.rows, 360);
  EXPECT_EQ(baseline.source, BaselineSource::kCalibration);
  ASSERT_GE(baseline.targets.size(), 3U);
  EXPECT_THAT(outcome.out, HasSubstr("source    calibration, 20"));
  EXPECT_THAT(outcome.out, HasSubstr("rows      360\n"));
  for (const TargetBaseline& target : baseline.targets) {
    EXPECT_THAT(outcome.out, HasSubstr(absl::StrCat("\n", target.name, " ")));
  }
  EXPECT_THAT(outcome.out, HasSubstr("\n\nwritten to " + File("baseline.safetensors") + "\n"));
  // A warning, because there are fewer than 2,000 rows.
  EXPECT_THAT(outcome.err, HasSubstr("mlp-client: warning: "));
  EXPECT_FALSE(std::filesystem::exists(File("baseline.safetensors.part")));
}

TEST_F(CalibrateFileTest, ReadsRowsInPartsAndWritesToTheGivenFile) {
  const absl::StatusOr<NpyArray<float>> pixels = ReadNpyFloats(ReadFile(kHeldOutPixels).value());
  const absl::Span<const float> values = pixels->values;
  ASSERT_TRUE(WriteFile(File("1.npy"), WriteNpy({200, 64}, values.first(200 * 64))).ok());
  ASSERT_TRUE(WriteFile(File("2.npy"), WriteNpy({160, 64}, values.subspan(200 * 64))).ok());
  const CommandOutcome parts =
      RunCommand({"calibrate", File("model.onnx"), "--input", File("1.npy"), File("2.npy"),
                  "--output", File("parts")});
  EXPECT_EQ(parts.exit_code, kExitDone) << parts.err;
  EXPECT_FALSE(std::filesystem::exists(File("baseline.safetensors")));
  ASSERT_EQ(RunCommand({"calibrate", folder_, "--input", kHeldOutPixels}).exit_code, kExitDone);
  const Baseline whole = Read(File("baseline.safetensors"));
  const Baseline joined = Read(File("parts"));
  EXPECT_EQ(joined.rows, 360);
  ASSERT_EQ(joined.targets.size(), whole.targets.size());
  for (std::size_t i = 0; i < whole.targets.size(); ++i) {
    EXPECT_EQ(joined.targets[i].mean, whole.targets[i].mean);
    EXPECT_EQ(joined.targets[i].level, whole.targets[i].level);
  }
}

TEST_F(CalibrateFileTest, RefusesUnusableRowsAndWritesNothing) {
  struct Case {
    std::vector<std::string> words;
    const char* input;
    const char* message;
  };
  for (const Case& test_case : {
           Case{{folder_}, "[[1, 2, 3]]", "rows of 3 values; the model expects 64"},
           Case{{folder_}, "[]", "INVALID_ARGUMENT"},
           Case{{folder_, "--input", kHeldOutPixels, "--install"},
                "",
                "--install is for a model of a serv"},
           Case{{folder_, "--input", kHeldOutPixels, "--version", "1"},
                "",
                "--version is for a model of a"},
           Case{{folder_ + "/none", "--input", kHeldOutPixels}, "", "mlp-client: "},
           Case{{folder_, "--input", "/no/such/file"}, "", "/no/such/file"},
       }) {
    std::vector<std::string> words = test_case.words;
    words.insert(words.begin(), "calibrate");
    const CommandOutcome outcome = RunCommand(words, test_case.input);
    EXPECT_EQ(outcome.exit_code, kExitError) << test_case.message;
    EXPECT_THAT(outcome.err, HasSubstr(test_case.message));
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(File("baseline.safetensors")));
}

class CalibrateOnServerTest : public ::testing::Test {
 protected:
  CalibrateOnServerTest() {
    server_.ServeDoubler();
    server_.calibrate = [this](const auto& messages, auto& response) -> grpc::Status {
      begin_ = messages.front().begin();
      for (std::size_t i = 1; i < messages.size(); ++i) bytes_ += messages[i].values();
      response.set_baseline("the file");
      response.mutable_summary()->set_model_name("doubler");
      response.mutable_summary()->set_rows(2);
      response.add_warnings("2 rows are few");
      return grpc::Status::OK;
    };
  }

  CommandOutcome Run(std::vector<std::string> words, const std::string& input) {
    words.insert(words.begin(), "calibrate");
    words.insert(words.end(), {"--address", server_.address()});
    return RunCommand(words, input);
  }

  mlpserve::v1::CalibrateRequest::Begin begin_;
  std::string bytes_;
  FakeServer server_;
};

TEST_F(CalibrateOnServerTest, SendsTheRowsAndWritesTheFile) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "doubler.safetensors").string();
  const CommandOutcome outcome =
      Run({"doubler", "--version", "7", "--output", file, "--install"}, "[[1, 2, 3], [4, 5, 6]]");
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(begin_.model_name(), "doubler");
  EXPECT_EQ(begin_.model_version(), "7");
  EXPECT_TRUE(begin_.install());
  const std::vector<float> expected = {1, 2, 3, 4, 5, 6};
  ASSERT_EQ(bytes_.size(), expected.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(bytes_.data(), expected.data(), bytes_.size()), 0);
  EXPECT_EQ(ReadFile(file).value(), "the file");
  EXPECT_THAT(outcome.out, HasSubstr("rows      2\n"));
  EXPECT_EQ(outcome.err, "mlp-client: warning: 2 rows are few\n");
}

TEST_F(CalibrateOnServerTest, ChecksFirstWhetherItCanWrite) {
  const CommandOutcome outcome =
      Run({"doubler", "--install", "--output", "/no/such/folder/file"}, "[[1, 2, 3]]");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err,
              HasSubstr("NOT_FOUND: '/no/such/folder/file' cannot be written: No such"));
  EXPECT_FALSE(begin_.install());
}

TEST_F(CalibrateOnServerTest, PrintsTheBaselineInForceEvenIfItCannotBeWritten) {
  const CommandOutcome outcome =
      Run({"doubler", "--install", "--output", "/dev/full"}, "[[1, 2, 3]]");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, HasSubstr("RESOURCE_EXHAUSTED: '/dev/full' cannot be written: No space "
                                     "left on device; the server uses the new baseline"));
  EXPECT_THAT(Run({"doubler", "--output", "/dev/full"}, "[[1, 2, 3]]").err,
              Not(HasSubstr("the server uses")));
}

TEST_F(CalibrateOnServerTest, GroupsDigits) {
  const std::string wide = "[[" + absl::StrJoin(std::vector<int>(1'234, 1), ",") + "]]";
  EXPECT_THAT(Run({"doubler", "--install"}, wide).err,
              HasSubstr("rows of 1,234 values; model 'doubler' expects 3"));
}

TEST_F(CalibrateOnServerTest, RequiresADestinationForTheBaseline) {
  const CommandOutcome outcome = Run({"doubler"}, "[[1, 2, 3]]");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, HasSubstr("expected --output FILE, --install or both"));
}

TEST_F(CalibrateOnServerTest, RefusesRowsOfAnotherWidthBeforeTheyAreSent) {
  const CommandOutcome outcome = Run({"doubler", "--install"}, "[[1, 2]]");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, HasSubstr("rows of 2 values; model 'doubler' expects 3"));
  EXPECT_FALSE(begin_.install());
}

TEST_F(CalibrateOnServerTest, WarnsOfMissingValues) {
  const CommandOutcome outcome = Run({"doubler", "--install"}, "1,2,3\n4,,6\n");
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("warning: standard input: line 2, column 2 is empty"));
}

TEST_F(CalibrateOnServerTest, SaysThatTextsAreNotSent) {
  const auto metadata = server_.metadata;
  server_.metadata = [metadata](const auto& request, auto& response) {
    const grpc::Status status = metadata(request, response);
    response.mutable_inputs(0)->set_datatype("BYTES");
    return status;
  };
  const CommandOutcome outcome = Run({"doubler", "--install"}, R"([["a", "b", "c"]])");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, HasSubstr("UNIMPLEMENTED: model 'doubler' has text input 'x'"));
}

}  // namespace
}  // namespace mlp
