#include "client/commands/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/rows_reader.h"
#include "client/write_file.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class BenchTest : public ::testing::Test {
 protected:
  BenchTest() { server_.ServeDoubler(); }

  // Runs bench without a warm-up, for `requests` requests.
  CommandOutcome Bench(std::vector<std::string> arguments, const std::string& requests = "50") {
    arguments.insert(arguments.begin(), {"bench", "doubler", "--address", server_.address(),
                                         "--warmup", "0", "--requests", requests});
    return RunCommand(arguments);
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  const TemporaryFolder folder_;
  FakeServer server_;
};

TEST_F(BenchTest, MeasuresASweepAndWritesIt) {
  const CommandOutcome outcome =
      Bench({"--concurrency", "1,4", "--rows", "2", "--json", Path("json"), "--svg", Path("svg")});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("fake 1 at " + server_.address()));
  EXPECT_THAT(outcome.out, HasSubstr("1 in flight"));
  EXPECT_THAT(outcome.out, HasSubstr("4 in flight"));
  const auto json = nlohmann::json::parse(ReadFile(Path("json")).value());
  ASSERT_EQ(json.at("cases").size(), 2U);
  for (const auto& measured : json.at("cases")) {
    EXPECT_EQ(measured.at("sent"), 50);
    EXPECT_EQ(measured.at("answered"), 50);
    EXPECT_EQ(measured.at("errors"), nlohmann::json::object());
  }
  EXPECT_THAT(ReadFile(Path("svg")).value(), StartsWith("<svg "));
}

TEST_F(BenchTest, WarmsUpWithoutCounting) {
  std::atomic<int> asked = 0;
  const auto answer = server_.infer;
  server_.infer = [&](const auto& request, auto& response) {
    ++asked;
    return answer(request, response);
  };
  // A thread that gets no CPU for the whole warm-up sends nothing in it.
  EXPECT_TRUE(Eventually([&] {
    asked = 0;
    const CommandOutcome outcome =
        RunCommand({"bench", "doubler", "--address", server_.address(), "--warmup", "0.05",
                    "--requests", "3", "--json", Path("warm")});
    EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
    const auto json = nlohmann::json::parse(ReadFile(Path("warm")).value());
    EXPECT_EQ(json.at("cases").at(0).at("sent"), 3);
    return asked > 4;  // one of them is sent alone, before the warm-up
  }));
}

TEST_F(BenchTest, SendsTheRowsOfAFile) {
  ASSERT_TRUE(WriteFile(Path("rows"), "1,2,3\n4,5,6\n").ok());
  std::atomic<int> right = 0;
  const auto answer = server_.infer;
  server_.infer = [&](const auto& request, auto& response) {
    const std::vector<float> row = RawInput(request);
    right += row == std::vector<float>{1, 2, 3} || row == std::vector<float>{4, 5, 6} ? 1 : 0;
    return answer(request, response);
  };
  EXPECT_EQ(Bench({"--input", Path("rows"), "--check"}).exit_code, kExitDone);
  EXPECT_EQ(right, 52);  // two of them are sent alone
  EXPECT_THAT(Bench({"--input", Path("rows"), "--rows", "5"}).err, HasSubstr("more than 4 rows"));
}

TEST_F(BenchTest, FailsIfAnAnswerDiffers) {
  const auto answer = server_.infer;
  std::atomic<int> asked = 0;
  server_.infer = [&](const auto& request, auto& response) {
    grpc::Status status = answer(request, response);
    if (asked++ >= 64) (*response.mutable_raw_output_contents(0))[0] ^= 1;
    return status;
  };
  const CommandOutcome outcome = Bench({"--check"}, "5");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.out, HasSubstr("5 answers differ"));
  EXPECT_EQ(outcome.err,
            "mlp-client: INTERNAL: 5 answers differ from the first answer to the same rows\n");
}

TEST_F(BenchTest, FailsIfNothingIsAnswered) {
  const auto answer = server_.infer;
  std::atomic<int> asked = 0;
  server_.infer = [&](const auto& request, auto& response) -> grpc::Status {
    if (asked++ > 0) return {grpc::StatusCode::RESOURCE_EXHAUSTED, "full"};
    return answer(request, response);
  };
  const CommandOutcome outcome = Bench({"--rate", "100000"}, "7");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.out, HasSubstr("RESOURCE_EXHAUSTED 7"));
  EXPECT_EQ(outcome.err, "mlp-client: RESOURCE_EXHAUSTED: nothing was answered: full\n");
}

TEST_F(BenchTest, SendsStreamsOverSeveralConnections) {
  EXPECT_EQ(
      Bench({"--stream", "--connections", "3", "--threads", "2", "--concurrency", "8"}).exit_code,
      kExitDone);
  EXPECT_THAT(Bench({"--stream", "--deadline", "5"}).err, HasSubstr("deadline"));
}

TEST_F(BenchTest, ReportsAMissingModelAndServer) {
  EXPECT_THAT(RunCommand({"bench", "nobody", "--address", server_.address()}).err,
              StartsWith("mlp-client: NOT_FOUND: "));
  EXPECT_THAT(RunCommand({"bench", "doubler", "--address", "127.0.0.1:1"}).err,
              StartsWith("mlp-client: UNAVAILABLE: "));
}

}  // namespace
}  // namespace mlp
