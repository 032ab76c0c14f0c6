// The protocol over HTTP and JSON: the same answers as over gRPC, and control of the models.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/held_out.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/rest_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

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

TEST_F(RestTest, AnswersZeroRowsWithZeroRows) {
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
