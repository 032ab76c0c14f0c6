// Who may see the metrics and the pages of the HTTP port (--http-needs-observe).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/security/https_client.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const char* const kPagesOfAll[] = {"/metrics", "/", "/status.json"};

std::string BearerLine(const std::string& token) {
  return absl::StrCat("Authorization: ", Bearer(token), "\r\n");
}
std::string BasicLine(const std::string& user, const std::string& password) {
  return absl::StrCat("Authorization: Basic ",
                      absl::Base64Escape(absl::StrCat(user, ":", password)), "\r\n");
}

class HttpAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    files_.Write("tokens",
                 TokenLine("prometheus", "observe", "*", "scrape-token") +
                     TokenLine("operator", "admin", "*", "admin-token") +
                     TokenLine("team", "observe", "digits-tanh", "team-token") +
                     TokenLine("late", "admin", "*", "late-token", "expires=2020-01-01T00:00:00Z"));
  }

  void StartServer(std::vector<std::string> options) {
    options.insert(options.end(), {"--http-needs-observe", "--tokens-file", files_.Path("tokens")});
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StartWithTls() {
    std::vector<std::string> options = files_.ServerOptions();
    options.emplace_back("--http-tls");
    StartServer(std::move(options));
  }

  RestAnswer Get(const std::string& path, const std::string& headers = "") const {
    return HttpsGet(server_->http_port(), files_.root, path, headers);
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(HttpAccessTest, RequiresATokenExceptForProbes) {
  StartWithTls();
  EXPECT_EQ(Get("/live").code, 200);
  EXPECT_EQ(Get("/ready").code, 200);
  EXPECT_EQ(Get("/none").code, 404);
  for (const char* path :
       {"/metrics", "/", "/status.json", "/models/digits-tanh", "/models/none"}) {
    RestAnswer answer = Get(path);
    EXPECT_EQ(answer.code, 401) << path;
    EXPECT_EQ(answer.headers["www-authenticate"], "Basic realm=\"mlpserve\"") << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("digits"))) << path;
  }
  EXPECT_TRUE(Logs(*server_, "call=HttpMetrics result=UNAUTHENTICATED"));
  EXPECT_THAT(server_->log(), Not(HasSubstr("the HTTP port requires no authentication")));
  const Samples metrics = SamplesIn(Get("/metrics", BearerLine("scrape-token")).body);
  EXPECT_EQ(metrics.at("mlp_unauthenticated_total"), 5);
}

TEST_F(HttpAccessTest, AcceptsATokenAsBearerAndAsPassword) {
  StartWithTls();
  for (const std::string& right :
       {BearerLine("scrape-token"), BearerLine("admin-token"), BasicLine("anybody", "scrape-token"),
        BasicLine("", "scrape-token")}) {
    for (const char* path : kPagesOfAll) EXPECT_EQ(Get(path, right).code, 200) << path << right;
    EXPECT_EQ(Get("/models/digits-elu", right).code, 200) << right;
    EXPECT_EQ(Get("/models/none", right).code, 404) << right;
  }
  for (const std::string& wrong :
       {BearerLine("wrong"), BearerLine("late-token"), BasicLine("scrape-token", ""),
        BasicLine("scrape-token", "wrong"), BasicLine("a", "scrape-token x"),
        std::string("Authorization: Basic scrape-token\r\n"),
        std::string("Authorization: scrape-token\r\n"),
        BearerLine("scrape-token") + BearerLine("scrape-token"),
        BasicLine("a", "scrape-token") + BearerLine("scrape-token"),
        BearerLine(std::string(2'000, 'a'))}) {
    EXPECT_EQ(Get("/metrics", wrong).code, 401) << wrong;
  }
}

TEST_F(HttpAccessTest, ShowsATeamOnlyThePagesOfItsModels) {
  StartWithTls();
  const std::string team = BasicLine("team", "team-token");
  for (const char* path : kPagesOfAll) EXPECT_EQ(Get(path, team).code, 403) << path;
  const RestAnswer page = Get("/models/digits-tanh", team);
  EXPECT_EQ(page.code, 200);
  EXPECT_THAT(page.body, Not(HasSubstr("digits-elu")));
  EXPECT_EQ(Get("/models/digits-tanh/versions/1", team).code, 200);
  const RestAnswer existing = Get("/models/digits-elu", team);
  const RestAnswer missing = Get("/models/none", team);
  EXPECT_EQ(existing.code, 403);
  EXPECT_EQ(missing.code, 403);
  EXPECT_EQ(existing.body, missing.body);
  EXPECT_TRUE(Logs(*server_, "audit who=team from=127.0.0.1:"));
}

TEST_F(HttpAccessTest, AcceptsPlaintextTokensOnLoopbackIfAllowed) {
  StartServer({"--allow-plaintext-tokens"});
  EXPECT_EQ(HttpGet(server_->http_port(), "/metrics").code, 401);
  EXPECT_EQ(HttpGet(server_->http_port(), "/metrics", "GET", BearerLine("scrape-token")).code, 200);
  EXPECT_EQ(HttpGet(server_->http_port(), "/metrics", "HEAD").code, 401);
  EXPECT_EQ(HttpGet(server_->http_port(), "/live").code, 200);
}

}  // namespace
}  // namespace mlp
