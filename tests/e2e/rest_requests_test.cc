// What HTTP clients may send and what they may not: wrong requests get the code of their error, and
// neither bodies nor heads nor connections go beyond their limits.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/rest_test.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct RefusedRequest {
  const char* name;
  std::string bytes;
  int code;
  const char* message;
};

std::string Post(const std::string& path, const std::string& body,
                 const std::string& headers = "") {
  return RestClient::PostRequest(path, body, headers);
}

std::string Get(const std::string& path) {
  return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST_F(RestTest, RefusesWithTheCodeOfTheError) {
  StartOnSampleModels();
  const std::vector<RefusedRequest> refused = {
      {"NoJson", Post(kInfer, "{"), 400, "JSON"},
      {"Empty", Post(kInfer, ""), 400, "JSON"},
      {"Shape",
       Post(
           kInfer, R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[1,63],
          "data":[)" + std::string("1") +
                       [] {
                         std::string more;
                         for (int i = 0; i < 62; ++i) more += ",1";
                         return more;
                       }() +
                       "]}]}"),
       400, "expects [-1,64]"},
      {"JsonBytes", Post(kInfer, "{}", "Inference-Header-Content-Length: x\r\n"), 400,
       "whole number"},
      {"JsonBytesTooMany", Post(kInfer, "{}", "Inference-Header-Content-Length: 3\r\n"), 400,
       "2 bytes"},
      {"Percent", Get("/v2/models/%zz"), 400, "percent"},
      {"Zero", Get("/v2/models/digits%00/ready"), 400, "percent"},
      {"Model", Post("/v2/models/none/infer", JsonRequest(0, 1)), 404, "'none' is unknown"},
      {"Version", Post("/v2/models/digits-relu/versions/7/infer", JsonRequest(0, 1)), 404, "7"},
      {"VersionsName", Get("/v2/models/digits-relu/versions/x/ready"), 400, "version"},
      {"Path", Get("/v2/nothing"), 404, "not served"},
      {"Get", Get(kInfer), 405, "POST"},
      {"Put", "PUT /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 405, "GET"},
      {"Gzip", Post(kInfer, "x", "Content-Encoding: gzip\r\n"), 415, "compressed"},
      {"Load", Post("/v2/repository/models/digits-relu/load", ""), 503, "--model-control"},
      {"SharedMemory", Post(kInfer, R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[1,64],
            "parameters":{"shared_memory_region":"r","binary_data_size":0}}]})"),
       400, "shared_memory_region"}};
  RestClient client(port_);
  for (const RefusedRequest& one : refused) {
    client.Send(one.bytes);
    const RestAnswer answer = client.Read();
    EXPECT_EQ(answer.code, one.code) << one.name << ": " << answer.body;
    const json error = json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(error.is_object() && error.contains("error")) << one.name << ": " << answer.body;
    EXPECT_THAT(error["error"].get<std::string>(), HasSubstr(one.message)) << one.name;
  }
  // One connection carried all of this, and each refused inference counts once.
  EXPECT_EQ(client.Get("/v2/health/live").code, 200);
  EXPECT_EQ(Rejected("invalid"), 7);
  EXPECT_EQ(Rejected("unknown_model"), 2);
}

TEST_F(RestTest, AcceptsEveryHttpFormOfABody) {
  StartOnSampleModels();
  const std::string body = JsonRequest(3, 2);
  RestClient client(port_);
  const std::string expected = client.Post(kInfer, body).body;
  // In chunks.
  std::string chunked =
      absl::StrCat("POST ", kInfer, " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 100) {
    const std::string chunk = body.substr(at, 100);
    absl::StrAppend(&chunked, absl::Hex(chunk.size()), "\r\n", chunk, "\r\n");
  }
  client.Send(chunked + "0\r\n\r\n");
  EXPECT_EQ(client.Read().body, expected);
  // Many at once.
  std::string pipelined;
  for (int i = 0; i < 50; ++i) pipelined += Post(kInfer, body);
  client.Send(pipelined);
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.Read().body, expected) << i;
  // Byte by byte.
  for (const char byte : Post(kInfer, body)) client.Send({byte});
  EXPECT_EQ(client.Read().body, expected);
  // Sent after the server has agreed.
  client.Send(absl::StrCat("POST ", kInfer, " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n",
                           "Content-Length: ", body.size(), "\r\n\r\n"));
  EXPECT_EQ(client.Read().code, 100);
  client.Send(body);
  EXPECT_EQ(client.Read().body, expected);
  // A body whose end is given twice is refused.
  client.Send(absl::StrCat("POST ", kInfer, " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n",
                           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  EXPECT_EQ(client.Read().code, 400);
  EXPECT_TRUE(IsClosedByPeer(client.socket(), 30'000));
}

TEST_F(RestTest, BoundsTheBody) {
  StartOnSampleModels({"--max-message-bytes", "4096"});
  RestClient client(port_);
  EXPECT_EQ(client.Post(kInfer, JsonRequest(0, 1)).code, 200);
  EXPECT_EQ(client.Post(kInfer, std::string(100'000, ' ')).code, 413);
  // The JSON may be longer than the limit of gRPC, but the same request in binary may not.
  const RestAnswer rows = client.Post(kInfer, JsonRequest(0, 17));
  EXPECT_EQ(rows.code, 413) << rows.body;
  EXPECT_THAT(rows.body, HasSubstr("--max-message-bytes"));
  EXPECT_EQ(
      client.Post(kInfer, std::string(4'097, ' '), "Inference-Header-Content-Length: 2\r\n").code,
      413);
  // For a chunked body, the server notices while it reads.
  client.Send(absl::StrCat("POST ", kInfer,
                           " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n",
                           "\r\n186a0\r\n", std::string(100'000, ' '), "\r\n0\r\n\r\n"));
  EXPECT_EQ(client.Read().code, 413);
  EXPECT_EQ(client.Get("/v2/health/live").code, 200);
  // A client that asks first is refused immediately.
  client.Send(absl::StrCat("POST ", kInfer, " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n",
                           "Content-Length: 1000000000000\r\n\r\n"));
  EXPECT_EQ(client.Read().code, 413);
  EXPECT_TRUE(IsClosedByPeer(client.socket(), 30'000));
}

TEST_F(RestTest, BoundsTheHeadAndTheNumberOfConnections) {
  StartOnSampleModels({"--max-connections-per-address", "3"});
  RestClient large(port_);
  large.Send("GET /v2 HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  const int code = large.Read().code;
  EXPECT_TRUE(code == 431 || code == 0) << code;
  RestClient first(port_);
  RestClient second(port_);
  EXPECT_EQ(first.Get("/v2/health/live").code, 200);
  EXPECT_EQ(second.Get("/v2/health/live").code, 200);
  std::vector<std::unique_ptr<RestClient>> more;
  for (int i = 0; i < 3; ++i) more.push_back(std::make_unique<RestClient>(port_));
  EXPECT_TRUE(IsClosedByPeer(more.back()->socket(), 30'000));
  EXPECT_GE(Metric("mlp_refused_connections_total{reason=\"address\"}"), 1);
}

}  // namespace
}  // namespace mlp
