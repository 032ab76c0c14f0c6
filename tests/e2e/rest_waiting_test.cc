// How HTTP requests end that have to wait, and clients that let the server wait.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/rest_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

TEST_F(RestTest, ClosesConnectionsThatAreSlow) {
  StartOnSampleModels();
  RestClient head(port_);
  head.Send("GET /v2 HTTP/1.1\r\nHost: ");
  RestClient body(port_);
  body.Send(absl::StrCat("POST ", kInfer, " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"));
  for (const RestClient* client : {&head, &body}) {
    EXPECT_TRUE(Eventually([client] {
      client->Send("x");
      return IsClosedByPeer(client->socket(), 200);
    }));
  }
  EXPECT_TRUE(Eventually([this] { return Metric("mlp_http_closed_connections_total") >= 2; }));
}

TEST_F(RestTest, EndsRequestsAtTheirTimeout) {
  StartConfigured(
      "max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 }");
  RestClient client(port_);
  const RestAnswer answer =
      client.Post("/v2/models/m/infer", JsonRequest(0, 1, {{"timeout", 1000}}));
  EXPECT_EQ(answer.code, 504) << answer.body;
  EXPECT_EQ(Rejected("timeout"), 1);
}

TEST_F(RestTest, CancelsAbandonedRequests) {
  // With one thread, all requests meet in one queue.
  StartConfigured("max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 }",
                  {"--rpc-threads", "1"});
  RestClient other(port_);
  EXPECT_TRUE(Eventually([&] {
    RestClient(port_).Send(RestClient::PostRequest("/v2/models/m/infer", JsonRequest(0, 1)));
    // A full batch ends the wait. If the server has not noticed by then that the client has gone,
    // or has not read its request, another client goes.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(other.Post("/v2/models/m/infer", JsonRequest(0, 8)).code, 200);
    return Rejected("cancelled") >= 1;
  }));
}

TEST_F(RestTest, RefusesRequestsIfTheQueueIsFull) {
  StartConfigured("max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 }",
                  {"--max-queue-rows", "1", "--rpc-threads", "1"});
  std::unique_ptr<RestClient> waiting;
  RestClient other(port_);
  RestAnswer answer;
  EXPECT_TRUE(Eventually([&] {
    // If the other request was there first, this one may be refused, and must come again.
    waiting = std::make_unique<RestClient>(port_);
    waiting->Send(RestClient::PostRequest("/v2/models/m/infer",
                                          JsonRequest(0, 1, {{"timeout", 20'000'000}})));
    answer = other.Post("/v2/models/m/infer", JsonRequest(0, 1, {{"timeout", 1}}));
    return answer.code == 429;
  })) << answer.code
      << answer.body;
  EXPECT_GE(Rejected("queue_rows"), 1);
}

TEST_F(RestTest, AnswersWaitingRequestsAtShutdownAndReportsNotReady) {
  StartConfigured("max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 }",
                  {"--shutdown-delay-ms", "2000"});
  RestClient waiting(port_);
  waiting.Send(RestClient::PostRequest("/v2/models/m/infer", JsonRequest(0, 1)));
  const auto probe = [this](const char* path) {
    // After the delay, the server closes a connection behind its answer.
    return RestClient(port_).Get(path).code;
  };
  ASSERT_EQ(probe("/v2/health/ready"), 200);
  server_->Signal(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return probe("/v2/health/ready") == 503; }));
  EXPECT_EQ(probe("/v2/health/live"), 200);
  const RestAnswer answer = waiting.Read();
  EXPECT_EQ(answer.code, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_EQ(server_->WaitForExit(), 0);
}

TEST_F(RestTest, DisconnectsClientsThatDoNotReadTheirAnswer) {
  WriteNativeModel(folder_.path() / "wide" / "1", {1, 4096});
  Start({"--model-repository", folder_.path().string(), "--answer-timeout-seconds", "1"});
  std::string values = "0";
  for (int i = 1; i < 1000; ++i) values += ",0";
  const std::string request = absl::StrCat(
      R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[1000,1],"data":[)", values, "]}]}");
  RestClient client(port_);
  client.Send(RestClient::PostRequest("/v2/models/wide/infer", request));
  // Its bytes show for a second only, which this test may miss.
  EXPECT_TRUE(Eventually(
      [this] { return Metric(R"(mlp_requests_total{code="OK",model="wide",version="1"})") == 1; }));
  EXPECT_TRUE(Eventually([this] { return Metric("mlp_http_closed_connections_total") >= 1; }));
  EXPECT_TRUE(Eventually([this] { return Metric("mlp_unread_answer_bytes") == 0; }));
}

}  // namespace
}  // namespace mlp
