// The protocol over HTTP and JSON: the same answers as over gRPC, errors with their codes, and what
// HTTP clients may and may not do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/held_out.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kInfer[] = "/v2/models/digits-relu/infer";

// Pictures of the held-out digits, starting at `first`.
json Picture(std::int64_t first, std::int64_t rows) {
  const std::vector<float> pixels = HeldOutPixels();
  const auto begin = pixels.begin() + first * 64;
  return {{"name", "pixels"},
          {"datatype", "FP32"},
          {"shape", {rows, 64}},
          {"data", std::vector<float>(begin, begin + rows * 64)}};
}

std::string JsonRequest(std::int64_t first, std::int64_t rows, json parameters = json::object()) {
  const json request = {{"inputs", {Picture(first, rows)}}, {"parameters", std::move(parameters)}};
  return request.dump();
}

class RestTest : public ::testing::Test {
 protected:
  void StartOnSampleModels(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"--model-repository", SampleModels().string()});
    Start(std::move(arguments));
  }

  // A model `m` with its own configuration.
  void StartConfigured(const std::string& configuration, std::vector<std::string> arguments = {}) {
    AddSampleModel(folder_.path(), "digits-relu", "m", configuration);
    arguments.insert(arguments.begin(), {"--model-repository", folder_.path().string()});
    Start(std::move(arguments));
  }

  void Start(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--rest-address", "127.0.0.1:0"});
    auto server = ServerProcess::Start(std::move(arguments));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    port_ = server_->rest_port();
  }

  double Metric(const std::string& name) const { return ReadMetrics(server_->http_port())[name]; }

  // The number of refused requests, with or without a model.
  double Rejected(const std::string& reason) const {
    double rejected = 0;
    for (const auto& [name, value] : ReadMetrics(server_->http_port())) {
      if (absl::StartsWith(name, "mlp_rejected_total{") &&
          absl::StrContains(name, absl::StrCat("reason=\"", reason, "\""))) {
        rejected += value;
      }
    }
    return rejected;
  }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
  int port_ = 0;
};

TEST_F(RestTest, GivesTheSameInsightAsGrpcAndStreams) {
  StartOnSampleModels();
  constexpr std::int64_t kRows = 40;
  const std::vector<float> pixels = HeldOutPixels();
  const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
  inference::ModelInferRequest request =
      RawRequest("digits-relu", kRows, 64, absl::MakeSpan(pixels).subspan(0, kRows * 64));
  (*request.mutable_parameters())["insight"].set_bool_param(true);
  inference::ModelInferResponse grpc;
  ASSERT_TRUE(Infer(*stub, request, grpc).ok());
  grpc::ClientContext context;
  const auto stream = stub->ModelStreamInfer(&context);
  ASSERT_TRUE(stream->Write(request));
  inference::ModelStreamInferResponse streamed;
  ASSERT_TRUE(stream->Read(&streamed));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  RestClient client(port_);
  const RestAnswer rest = client.Post(kInfer, JsonRequest(0, kRows, {{"insight", true}}));
  ASSERT_EQ(rest.code, 200) << rest.body;
  const json parameters = json::parse(rest.body).at("parameters");
  EXPECT_EQ(parameters.size(), grpc.parameters().size());
  for (const char* const name : {"insight_hidden_1_lower", "insight_hidden_1_upper"}) {
    const double share = grpc.parameters().at(name).double_param();
    EXPECT_DOUBLE_EQ(parameters.at(name).get<double>(), share) << name;
    EXPECT_DOUBLE_EQ(streamed.infer_response().parameters().at(name).double_param(), share) << name;
  }
  EXPECT_GT(grpc.parameters().at("insight_hidden_1_lower").double_param(), 0.0);
  EXPECT_EQ(parameters.at("insight_missing"), 0);
  const RestAnswer wrong = client.Post(kInfer, JsonRequest(0, kRows, {{"insight", "yes"}}));
  EXPECT_EQ(wrong.code, 400);
  EXPECT_THAT(wrong.body, HasSubstr("'insight'"));
}

TEST_F(RestTest, AnswersBitForBitAsGrpcDoes) {
  StartOnSampleModels();
  constexpr std::int64_t kRows = 40;
  const std::vector<float> pixels = HeldOutPixels();
  const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
  inference::ModelInferResponse grpc;
  ASSERT_TRUE(
      Infer(*stub,
            RawRequest("digits-relu", kRows, 64, absl::MakeSpan(pixels).subspan(0, kRows * 64)),
            grpc)
          .ok());
  const std::string expected = grpc.raw_output_contents(1);

  RestClient client(port_);
  const RestAnswer typed = client.Post(kInfer, JsonRequest(0, kRows));
  ASSERT_EQ(typed.code, 200) << typed.body;
  const json answer = json::parse(typed.body);
  EXPECT_EQ(answer["model_name"], "digits-relu");
  const std::vector<float> values = answer["outputs"][1]["data"];
  ASSERT_EQ(values.size() * sizeof(float), expected.size());
  EXPECT_EQ(std::memcmp(values.data(), expected.data(), expected.size()), 0);

  json request = {
      {"inputs",
       {{{"name", "pixels"},
         {"datatype", "FP32"},
         {"shape", {kRows, 64}},
         {"parameters", {{"binary_data_size", kRows * 256}}}}}},
      {"outputs", {{{"name", "probabilities"}, {"parameters", {{"binary_data", true}}}}}}};
  const std::string head = request.dump();
  const std::string raw(reinterpret_cast<const char*>(pixels.data()), kRows * 256);
  const RestAnswer binary = client.Post(
      kInfer, head + raw, absl::StrCat("Inference-Header-Content-Length: ", head.size(), "\r\n"));
  ASSERT_EQ(binary.code, 200) << binary.body;
  EXPECT_EQ(binary.headers.at("content-type"), "application/octet-stream");
  const std::size_t json_bytes = std::stoul(binary.headers.at("inference-header-content-length"));
  EXPECT_EQ(binary.body.substr(json_bytes), expected);
  EXPECT_EQ(json::parse(binary.body.substr(0, json_bytes))["outputs"][0]["shape"],
            json({kRows, 10}));
  EXPECT_EQ(Metric("mlp_requests_total{code=\"OK\",model=\"digits-relu\",version=\"1\"}"), 3);
}

TEST_F(RestTest, AnswersNoRowsWithNone) {
  StartOnSampleModels();
  RestClient client(port_);
  json request = {
      {"inputs",
       {{{"name", "pixels"}, {"datatype", "FP32"}, {"shape", {0, 64}}, {"data", json::array()}}}}};
  const RestAnswer typed = client.Post(kInfer, request.dump());
  ASSERT_EQ(typed.code, 200) << typed.body;
  const json outputs = json::parse(typed.body)["outputs"];
  ASSERT_GT(outputs.size(), 1U);
  for (const json& output : outputs) {
    EXPECT_EQ(output["shape"][0], 0);
    EXPECT_EQ(output["data"], json::array());
  }
  json& input = request["inputs"][0];
  input.erase("data");
  input["parameters"]["binary_data_size"] = 0;
  request["parameters"]["binary_data_output"] = true;
  const std::string head = request.dump();
  const RestAnswer binary = client.Post(
      kInfer, head, absl::StrCat("Inference-Header-Content-Length: ", head.size(), "\r\n"));
  ASSERT_EQ(binary.code, 200) << binary.body;
  EXPECT_EQ(std::stoul(binary.headers.at("inference-header-content-length")), binary.body.size());
  for (const json& output : json::parse(binary.body)["outputs"]) {
    EXPECT_EQ(output["shape"][0], 0);
    EXPECT_EQ(output["parameters"]["binary_data_size"], 0);
  }
}

TEST_F(RestTest, DescribesTheServerAndItsModels) {
  StartOnSampleModels();
  RestClient client(port_);
  EXPECT_EQ(json::parse(client.Get("/v2").body)["name"], "mlpserve");
  EXPECT_EQ(client.Get("/v2/health/live").code, 200);
  EXPECT_EQ(client.Get("/v2/health/ready").code, 200);
  EXPECT_EQ(client.Get("/v2/models/digits%2Drelu/versions/1/ready").code, 200);
  const json metadata = json::parse(client.Get("/v2/models/digits-relu").body);
  EXPECT_EQ(metadata["inputs"][0]["shape"], json({-1, 64}));
  const json config = json::parse(client.Get("/v2/models/digits-relu/config").body);
  EXPECT_EQ(config["input"][0]["dims"], json({64}));
  EXPECT_TRUE(config.contains("dynamic_batching"));
  ASSERT_EQ(client.Post(kInfer, JsonRequest(0, 2)).code, 200);
  const json stats = json::parse(client.Get("/v2/models/digits-relu/stats").body);
  EXPECT_EQ(stats["model_stats"][0]["inference_count"], 2);
  EXPECT_GT(json::parse(client.Get("/v2/models/stats").body)["model_stats"].size(), 1U);
  const json index = json::parse(client.Post("/v2/repository/index", "{\"ready\":true}").body);
  EXPECT_EQ(index[0]["state"], "READY");
  // HEAD has no body. The next answer follows directly.
  client.Send(
      "HEAD /v2 HTTP/1.1\r\nHost: x\r\n\r\nGET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string both;
  EXPECT_TRUE(Eventually([&] {
    char buffer[4096];
    const ssize_t got = recv(client.socket(), buffer, sizeof(buffer), 0);
    if (got > 0) both.append(buffer, static_cast<std::size_t>(got));
    return both.find("{\"live\":true}") != std::string::npos;
  }));
  EXPECT_EQ(both.find("mlpserve"), std::string::npos);
}

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

TEST_F(RestTest, TakesBodiesAsHttpSendsThem) {
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
  StartConfigured("max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 1000000 }");
  {
    RestClient client(port_);
    client.Send(Post("/v2/models/m/infer", JsonRequest(0, 1)));
    // The request has arrived, because the server answers what arrived later.
    RestClient probe(port_);
    EXPECT_EQ(probe.Get("/v2/health/live").code, 200);
  }
  EXPECT_TRUE(Eventually([this] { return Rejected("cancelled") == 1; }));
  RestClient other(port_);
  EXPECT_EQ(other.Post("/v2/models/m/infer", JsonRequest(0, 1)).code, 200);
}

TEST_F(RestTest, RefusesRequestsIfTheQueueIsFull) {
  StartConfigured("max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 }",
                  {"--max-queue-rows", "1", "--rpc-threads", "1"});
  RestClient waiting(port_);
  waiting.Send(Post("/v2/models/m/infer", JsonRequest(0, 1, {{"timeout", 20'000'000}})));
  RestClient other(port_);
  RestAnswer answer;
  EXPECT_TRUE(Eventually([&] {
    answer = other.Post("/v2/models/m/infer", JsonRequest(0, 1, {{"timeout", 1}}));
    return answer.code == 429;
  })) << answer.code
      << answer.body;
  EXPECT_GE(Rejected("queue_rows"), 1);
}

TEST_F(RestTest, AnswersWaitingRequestsAtTheEndAndIsNotReady) {
  StartConfigured("max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 }",
                  {"--shutdown-delay-ms", "2000"});
  RestClient waiting(port_);
  waiting.Send(Post("/v2/models/m/infer", JsonRequest(0, 1)));
  RestClient probe(port_);
  ASSERT_EQ(probe.Get("/v2/health/ready").code, 200);
  server_->Signal(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return probe.Get("/v2/health/ready").code == 503; }));
  EXPECT_EQ(probe.Get("/v2/health/live").code, 200);
  const RestAnswer answer = waiting.Read();
  EXPECT_EQ(answer.code, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_EQ(server_->WaitForExit(), 0);
}

TEST_F(RestTest, CutsOffClientsThatTakeNoAnswer) {
  WriteNativeModel(folder_.path() / "wide" / "1", {1, 4096});
  Start({"--model-repository", folder_.path().string(), "--answer-timeout-seconds", "1"});
  std::string values = "0";
  for (int i = 1; i < 1000; ++i) values += ",0";
  const std::string request = absl::StrCat(
      R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[1000,1],"data":[)", values, "]}]}");
  RestClient client(port_);
  client.Send(Post("/v2/models/wide/infer", request));
  EXPECT_TRUE(Eventually([this] { return Metric("mlp_untaken_answer_bytes") > 0; }));
  EXPECT_TRUE(Eventually([this] { return Metric("mlp_untaken_answer_bytes") == 0; }));
  EXPECT_GE(Metric("mlp_http_closed_connections_total"), 1);
}

TEST_F(RestTest, DoesNotStartIfItsAddressIsTaken) {
  StartOnSampleModels();
  const ServerRun run = RunServer({"--model-repository", SampleModels().string(), "--grpc-address",
                                   "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--rest-address",
                                   absl::StrCat("127.0.0.1:", port_)});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("REST: "));
}

TEST_F(RestTest, LoadsAndUnloadsModels) {
  AddSampleModel(folder_.path(), "digits-relu", "m");
  Start({"--model-repository", folder_.path().string(), "--model-control", "explicit"});
  RestClient client(port_);
  EXPECT_EQ(client.Get("/v2/models/m/ready").code, 404);
  const RestAnswer loaded = client.Post("/v2/repository/models/m/load", "");
  EXPECT_EQ(loaded.code, 200) << loaded.body;
  EXPECT_EQ(client.Get("/v2/models/m/ready").code, 200);
  EXPECT_EQ(client.Post("/v2/models/m/infer", JsonRequest(0, 1)).code, 200);
  EXPECT_EQ(client.Post("/v2/repository/models/none/load", "").code, 404);
  EXPECT_EQ(client.Post("/v2/repository/models/m/load", R"({"parameters":{"config":"{}"}})").code,
            403);
  EXPECT_EQ(client.Post("/v2/repository/models/m/load", R"({"parameters":{"x":null}})").code, 400);
  EXPECT_EQ(
      client.Post("/v2/repository/models/m/unload", R"({"parameters":{"unload_dependents":true}})")
          .code,
      200);
  EXPECT_NE(client.Get("/v2/models/m/ready").code, 200);
}

}  // namespace
}  // namespace mlp
