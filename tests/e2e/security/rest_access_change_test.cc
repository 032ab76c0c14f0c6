// REST callers that lose their permission while the body of a request arrives, and refused callers
// that wait to be asked for their body.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/access_fixture.h"
#include "tests/e2e/server_log.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUnloadAllowed[] = "/v2/repository/models/digits-tanh/unload";
constexpr char kInferAllowed[] = "/v2/models/digits-tanh/infer";
constexpr char kNoRows[] =
    R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[0,64],"data":[]}]})";

std::string TokenHeader(const std::string& token) {
  return absl::StrCat("Authorization: ", Bearer(token), "\r\n");
}

// A POST without its last byte.
class UnfinishedPost final {
 public:
  UnfinishedPost(int port, const std::string& path, const std::string& body,
                 const std::string& token)
      : client_(port), last_(body.substr(body.size() - 1)) {
    const std::string whole = RestClient::PostRequest(path, body, TokenHeader(token));
    client_.Send(whole.substr(0, whole.size() - 1));
  }

  RestAnswer Finish() {
    client_.Send(last_);
    return client_.Read();
  }

 private:
  RestClient client_;
  std::string last_;
};

class RestAccessChangeTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    StartServer({"--allow-plaintext-tokens", "--rest-address", "127.0.0.1:0", "--model-control",
                 "explicit", "--load-model", "*"});
  }

  UnfinishedPost Unfinished(const std::string& path, const std::string& body,
                            const std::string& token) const {
    return {server_->rest_port(), path, body, token};
  }
  // Waits until the server has read the heads that were sent.
  void WaitForHeads() const {
    RestClient other(server_->rest_port());
    EXPECT_EQ(other.Get("/v2/health/live").code, 200);
    absl::SleepFor(absl::Milliseconds(200));
  }
  void Replace(const std::string& tokens) {
    files_.Write("tokens", tokens);
    EXPECT_TRUE(Logs(*server_, "the new tokens file is in use"));
  }
  bool Serves(const std::string& token) const {
    return RestClient(server_->rest_port()).Post(kInferAllowed, kNoRows, TokenHeader(token)).code ==
           200;
  }
};

TEST_F(RestAccessChangeTest, CarriesOutNothingForARemovedCaller) {
  auto unload = Unfinished(kUnloadAllowed, "{}", "admin-token");
  auto infer = Unfinished(kInferAllowed, kNoRows, "infer-token");
  auto demoted = Unfinished("/v2/logging", "{}", "observe-token");
  auto of_one_that_stays = Unfinished(kInferAllowed, kNoRows, "stays-token");
  // The heads of the last two are refused. Those of the others may also come later.
  EXPECT_TRUE(Eventually([this] {
    Samples metrics = ReadMetrics(server_->http_port());
    return metrics["mlp_unauthenticated_total"] == 1 &&
           metrics["mlp_permission_denied_total{role=\"admin\"}"] == 1;
  }));
  Replace(TokenLine("stays", "infer", "*", "stays-token"));
  EXPECT_EQ(unload.Finish().code, 401);
  EXPECT_EQ(infer.Finish().code, 401);
  // It gets the refusal of its head, not another one.
  EXPECT_EQ(demoted.Finish().code, 403);
  // It was unknown when its head arrived.
  EXPECT_EQ(of_one_that_stays.Finish().code, 401);
  EXPECT_TRUE(Serves("stays-token"));
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelUnload result=UNAUTHENTICATED"));
  EXPECT_THAT(server_->log(), Not(HasSubstr("result=OK")));
  EXPECT_EQ(ReadMetrics(server_->http_port())["mlp_rejected_total{model=\"\",reason=\"denied\"}"],
            2);
}

TEST_F(RestAccessChangeTest, AdmitsTheRemainingCallersAgain) {
  auto infer = Unfinished(kInferAllowed, kNoRows, "infer-token");
  auto load = Unfinished("/v2/repository/models/digits-tanh/load", "{}", "admin-token");
  auto without_model = Unfinished(kInferAllowed, kNoRows, "observe-token");
  WaitForHeads();
  Replace(CallersOfTheTest() + TokenLine("new", "infer", "*", "new-token"));
  EXPECT_EQ(infer.Finish().code, 200);
  EXPECT_EQ(load.Finish().code, 200);
  EXPECT_EQ(without_model.Finish().code, 403);
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelLoad model='digits-tanh' result=OK"));
}

TEST_F(RestAccessChangeTest, CarriesOutNothingForATokenThatExpired) {
  // A slow server takes over the file only after the first tokens have expired.
  for (int seconds = 6; seconds <= 96; seconds *= 2) {
    const std::string token = absl::StrCat("brief-", seconds);
    const absl::Time end = absl::Now() + absl::Seconds(seconds);
    files_.Write("tokens",
                 TokenLine("brief", "admin", "*", token,
                           absl::StrCat("expires=", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", end,
                                                                     absl::UTCTimeZone()))));
    ASSERT_TRUE(Eventually([&] { return Serves(token) || absl::Now() > end; }));
    auto unload = Unfinished(kUnloadAllowed, "{}", token);
    WaitForHeads();
    if (absl::Now() > end - absl::Milliseconds(500)) continue;
    absl::SleepFor(end - absl::Now() + absl::Milliseconds(1'050));
    const RestAnswer answer = unload.Finish();
    EXPECT_EQ(answer.code, 401);
    EXPECT_THAT(answer.body, HasSubstr("expired"));
    EXPECT_TRUE(Logs(*server_, "call=RepositoryModelUnload"));
    EXPECT_THAT(server_->log(), Not(HasSubstr("model='digits-tanh' result=OK")));
    return;
  }
  FAIL() << "no request began before its token expired";
}

TEST_F(RestAccessChangeTest, DoesNotRequestTheBodyOfARefusedCaller) {
  for (const char* token : {"wrong", "observe-token"}) {
    RestClient client(server_->rest_port());
    client.Send(absl::StrCat("POST ", kInferAllowed, " HTTP/1.1\r\nHost: x\r\n", TokenHeader(token),
                             "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n"));
    EXPECT_EQ(client.Read().code, token == std::string("wrong") ? 401 : 403);
    EXPECT_TRUE(IsClosedByPeer(client.socket(), 30'000));
  }
}

}  // namespace
}  // namespace mlp
