// How HTTP requests end without a result: bodies whose end is given twice or never comes, and
// answers for which there is no memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kInferDigits[] = "/v2/models/digits-relu/infer";

// A request with `rows` rows of `values` times 0.5.
std::string HalvesRequest(int rows, int values) {
  std::string data = "0.5";
  for (int i = 1; i < rows * values; ++i) data += ",0.5";
  return absl::StrCat(R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[)", rows, ",",
                      values, R"(],"data":[)", data, "]}]}");
}

// A POST to the digits model with these headers, followed by `body`.
std::string PostWith(const std::string& headers, const std::string& body = "") {
  return absl::StrCat("POST ", kInferDigits, " HTTP/1.1\r\nHost: x\r\n", headers, "\r\n", body);
}

class RestConnectionsTest : public ::testing::Test {
 protected:
  void Start(const std::string& repository, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.end(),
                     {"--model-repository", repository, "--rest-address", "127.0.0.1:0"});
    auto server = ServerProcess::Start(std::move(arguments));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StartOnDigits(std::vector<std::string> arguments = {}) {
    Start(SampleModels().string(), std::move(arguments));
  }

  int port() const { return server_->rest_port(); }
  double Metric(const std::string& name) const { return ReadMetrics(server_->http_port())[name]; }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
};

struct TwoEndsCase {
  const char* name;
  const char* headers;
};

// A proxy in front may have read another body, and therefore another request behind it.
TEST_F(RestConnectionsTest, RefuseARequestThatDeclaresItsLengthTwice) {
  StartOnDigits();
  const std::vector<TwoEndsCase> cases = {
      {"TwoLengths", "Content-Length: 5\r\nContent-Length: 6\r\n"},
      {"TheSameLengthTwice", "Content-Length: 5\r\ncontent-length: 5\r\n"},
      {"LengthAndChunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"},
      {"ChunksAndLength", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"},
      {"ChunksTwice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
      {"ChunksOfAnother", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"},
      {"OtherEncoding", "Transfer-Encoding: gzip, chunked\r\n"},
      {"LengthWithABlank", "Content-Length: 5\r\nContent-Length : 6\r\n"},
      {"ChunksWithATab", "Content-Length: 5\r\nTransfer-Encoding\t: chunked\r\n"},
      {"TwoLengthsOfJson",
       "Content-Length: 5\r\nInference-Header-Content-Length: 2\r\n"
       "Inference-Header-Content-Length: 3\r\n"}};
  for (const TwoEndsCase& ends : cases) {
    RestClient client(port());
    // A proxy would take this for a second request.
    client.Send(PostWith(ends.headers, "0\r\n\r\n") + "GET /v2 HTTP/1.1\r\nHost: x\r\n\r\n");
    const RestAnswer answer = client.Read();
    EXPECT_EQ(answer.code, 400) << ends.name << ": " << answer.body;
    const json error = json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(error.is_object() && error.contains("error")) << ends.name << ": " << answer.body;
    EXPECT_EQ(client.Read().code, 0) << ends.name << ": the second request was answered";
  }
}

TEST_F(RestConnectionsTest, AcceptChunksWithExtensionsAndTrailers) {
  StartOnDigits();
  const std::string body = HalvesRequest(1, 64);
  RestClient client(port());
  const std::string expected = client.Post(kInferDigits, body).body;
  ASSERT_THAT(expected, HasSubstr("probabilities"));
  const std::string size = absl::StrCat(absl::Hex(body.size()));
  for (const std::string& chunks :
       {absl::StrCat(size, ";a=b\r\n", body, "\r\n0\r\n\r\n"),
        absl::StrCat(size, ";a=\"", std::string(100, 'x'), "\";c\r\n", body, "\r\n0\r\n\r\n"),
        absl::StrCat(size, "\r\n", body, "\r\n0;last=1\r\n\r\n"),
        absl::StrCat(size, "\r\n", body, "\r\n0\r\nChecksum: 1\r\n\r\n")}) {
    client.Send(PostWith("Transfer-Encoding: chunked\r\n", chunks));
    EXPECT_EQ(client.Read().body, expected) << chunks;
  }
  // Sent byte by byte.
  for (const char byte : PostWith("Transfer-Encoding: chunked\r\n",
                                  absl::StrCat(size, ";a=b\r\n", body, "\r\n0;c\r\n\r\n"))) {
    client.Send({byte});
  }
  EXPECT_EQ(client.Read().body, expected);
}

// Closed well before the 10 s and 20 s that the rest of a request may take.
TEST_F(RestConnectionsTest, CloseIfTheRestOfARequestCannotArrive) {
  StartOnDigits();
  for (const std::string& begun :
       {std::string("GET /v2 HTTP/1.1\r\nHo"), PostWith("Content-Length: 1000\r\n", "{"),
        PostWith("Content-Length: 1000\r\n"),
        PostWith("Transfer-Encoding: chunked\r\n", "100\r\n{"),
        PostWith("Content-Encoding: gzip\r\nContent-Length: 1000\r\n", "x")}) {
    // A machine that stalls may need longer, but not each time.
    bool closed = false;
    for (int attempt = 0; attempt < 3 && !closed; ++attempt) {
      RestClient client(port());
      client.Send(begun);
      ASSERT_EQ(shutdown(client.socket(), SHUT_WR), 0);
      closed = IsClosedByPeer(client.socket(), 8'000);
    }
    EXPECT_TRUE(closed) << begun;
  }
}

TEST_F(RestConnectionsTest, AnswerARequestSentBeforeTheClientClosesItsSide) {
  StartOnDigits();
  const std::string get = "GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::vector<int> expected = {200, 200, 415};
  std::vector<int> codes;
  // The server has two seconds to read what was sent, in which it may stall, but not each time.
  for (int attempt = 0; attempt < 3 && codes != expected; ++attempt) {
    RestClient client(port());
    client.Send(get + get + PostWith("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x"));
    ASSERT_EQ(shutdown(client.socket(), SHUT_WR), 0);
    codes.clear();
    for (std::size_t i = 0; i < expected.size(); ++i) codes.push_back(client.Read().code);
    EXPECT_TRUE(IsClosedByPeer(client.socket(), 30'000));
  }
  EXPECT_EQ(codes, expected);
}

// JSON answers are longer than those over gRPC. Their length is known only after the evaluation.
TEST_F(RestConnectionsTest, CountAnswersRefusedAfterTheEvaluation) {
  StartOnDigits({"--max-unread-answer-bytes", "20000"});
  RestClient client(port());
  const RestAnswer answer = client.Post(kInferDigits, HalvesRequest(400, 64));
  EXPECT_EQ(answer.code, 429) << answer.body;
  EXPECT_EQ(Metric(R"(mlp_rejected_total{model="digits-relu",reason="answer_bytes"})"), 1);
  EXPECT_EQ(
      Metric(R"(mlp_requests_total{code="RESOURCE_EXHAUSTED",model="digits-relu",version="1"})"),
      1);
  const json statistics =
      json::parse(client.Get("/v2/models/digits-relu/stats").body)["model_stats"][0];
  EXPECT_EQ(statistics["inference_stats"]["fail"]["count"], 1) << statistics;
  EXPECT_EQ(client.Post(kInferDigits, HalvesRequest(1, 64)).code, 200);
}

TEST_F(RestConnectionsTest, CountAnswersRefusedForLackOfMemory) {
  if (ServerProcess::HaveSanitizers()) GTEST_SKIP() << "the bound is of the program as shipped";
  WriteNativeModel(folder_.path() / "wide" / "1", {1, 4096});
  Start(folder_.path().string(), {"--max-memory-bytes", "200000000"});
  RestClient client(port());
  // 16 MB, and ten times as much as JSON.
  const RestAnswer answer = client.Post("/v2/models/wide/infer", HalvesRequest(1000, 1));
  EXPECT_EQ(answer.code, 429) << answer.body;
  EXPECT_EQ(Metric(R"(mlp_rejected_total{model="wide",reason="memory"})"), 1);
  EXPECT_EQ(client.Post("/v2/models/wide/infer", HalvesRequest(1, 1)).code, 200);
}

}  // namespace
}  // namespace mlp
