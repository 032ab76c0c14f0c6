// mlp-client bench against a real server: both sides account for every request.

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/rows_reader.h"
#include "tests/client/run_command.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

class BenchEndToEndTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartOnSampleModels();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // The report of one run without a warm-up.
  nlohmann::json Bench(std::vector<std::string> arguments, bool may_fail = false) {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "report.json").string();
    arguments.insert(arguments.begin(), {"bench", "digits-relu", "--address",
                                         server_->grpc_address(), "--warmup", "0", "--json", path});
    const CommandOutcome outcome = RunCommand(arguments);
    EXPECT_TRUE(may_fail || outcome.exit_code == kExitDone) << outcome.err;
    return nlohmann::json::parse(ReadFile(path).value());
  }

  // The number of requests that the server counts as answered with `code`, or all of them if it is
  // empty.
  double Served(const std::string& code = "") const {
    double sum = 0.0;
    for (const auto& [name, value] : ReadMetrics(server_->http_port())) {
      if (absl::StartsWith(name, "mlp_requests_total{") &&
          absl::StrContains(name, "model=\"digits-relu\"") &&
          (code.empty() || absl::StrContains(name, absl::StrCat("code=\"", code, "\"")))) {
        sum += value;
      }
    }
    return sum;
  }

  std::unique_ptr<ServerProcess> server_;
};

// The number of requests sent. Each of them must be an answer or an error.
std::int64_t ExpectAllAccountedFor(const nlohmann::json& measured) {
  std::int64_t errors = 0;
  for (const auto& [code, count] : measured.at("errors").items()) {
    errors += count.get<std::int64_t>();
  }
  const auto sent = measured.at("sent").get<std::int64_t>();
  EXPECT_EQ(measured.at("answered").get<std::int64_t>() + errors, sent);
  return sent;
}

// Adds the requests of all cases to `sent`. Returns whether each case sent any.
bool AddAccountedFor(const nlohmann::json& report, std::int64_t& sent) {
  bool all_sent = true;
  for (const auto& measured : report.at("cases")) {
    const std::int64_t of_case = ExpectAllAccountedFor(measured);
    sent += of_case;
    all_sent &= of_case > 0;
  }
  return all_sent;
}

// A case that gets no CPU for its 0.3 s sends nothing. Then there is another run.
TEST_F(BenchEndToEndTest, AccountsForAClosedLoop) {
  std::int64_t sent = 0;
  EXPECT_TRUE(Eventually([&] {
    const auto report = Bench({"--concurrency", "1,16", "--duration", "0.3", "--rows", "3"});
    EXPECT_EQ(report.at("cases").size(), 2U);
    for (const auto& measured : report.at("cases")) EXPECT_TRUE(measured.at("errors").empty());
    sent += 1;  // the request that is sent alone
    return AddAccountedFor(report, sent);
  }));
  EXPECT_EQ(Served("OK"), sent);
  EXPECT_EQ(Served(), sent);
}

TEST_F(BenchEndToEndTest, AccountsForAnOpenLoop) {
  std::int64_t sent = 0;
  EXPECT_TRUE(Eventually([&] {
    const auto report = Bench({"--rate", "300,1000000", "--duration", "0.3", "--connections", "2"});
    // More was due than any machine can send. The report must count all of it.
    EXPECT_GT(report.at("cases").at(1).at("unsent").get<std::int64_t>(), 0);
    sent += 2;  // sent alone, one over each connection
    return AddAccountedFor(report, sent);
  }));
  EXPECT_EQ(Served(), sent);
}

TEST_F(BenchEndToEndTest, AccountsForANumberOfRequestsAndChecksEachAnswer) {
  const auto report = Bench({"--requests", "400", "--concurrency", "32", "--threads", "2",
                             "--connections", "4", "--check"});
  EXPECT_EQ(ExpectAllAccountedFor(report.at("cases").at(0)), 400);
  EXPECT_EQ(report.at("cases").at(0).at("answered"), 400);
  EXPECT_EQ(report.at("cases").at(0).at("wrong"), 0);
  EXPECT_EQ(Served("OK"), 464.0);  // 64 of them are sent alone
}

TEST_F(BenchEndToEndTest, AccountsForRequestsThatMissTheirDeadline) {
  // How many requests miss their deadline depends on the machine, and may be all. Each one must be
  // counted.
  const auto report =
      Bench({"--requests", "300", "--concurrency", "100", "--rows", "500", "--deadline", "40"},
            /*may_fail=*/true);
  EXPECT_EQ(ExpectAllAccountedFor(report.at("cases").at(0)), 300);
}

}  // namespace
}  // namespace mlp
