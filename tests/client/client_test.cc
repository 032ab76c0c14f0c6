#include "client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tests/client/fake_server.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Client Connect(const FakeServer& server, const ClientOptions& options = {}) {
  return Client::Create(server.address(), options).value();
}

TEST(ClientTest, RefusesOptionsOutOfRange) {
  ClientOptions no_time;
  no_time.timeout = std::chrono::milliseconds(0);
  EXPECT_EQ(Client::Create("127.0.0.1:1", no_time).status().code(),
            absl::StatusCode::kInvalidArgument);
  ClientOptions no_bytes;
  no_bytes.max_message_bytes = 0;
  EXPECT_EQ(Client::Create("127.0.0.1:1", no_bytes).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Client::Create("nowhere").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ClientTest, ReportsWhetherTheServerIsLiveAndReady) {
  FakeServer server;
  server.live = [](const auto& /*request*/, auto& response) {
    response.set_live(true);
    return grpc::Status::OK;
  };
  server.ready = [](const auto& /*request*/, auto& response) {
    response.set_ready(false);
    return grpc::Status::OK;
  };
  const Client client = Connect(server);
  EXPECT_TRUE(client.ServerLive().value());
  EXPECT_FALSE(client.ServerReady().value());
}

TEST(ClientTest, ReportsTheServersNameAndVersion) {
  FakeServer server;
  server.server_metadata = [](const auto& /*request*/, auto& response) {
    response.set_name("triton");
    response.set_version(std::string("2.50"));
    return grpc::Status::OK;
  };
  EXPECT_EQ(Connect(server).ServerName().value(), "triton 2.50");
}

TEST(ClientTest, ChecksTheHealthOfOneService) {
  using grpc::health::v1::HealthCheckResponse;
  FakeServer server;
  server.health = [](const auto& request, auto& response) -> grpc::Status {
    if (request.service() == "gone") return {grpc::StatusCode::NOT_FOUND, "unknown service"};
    response.set_status(request.service() == "up"     ? HealthCheckResponse::SERVING
                        : request.service() == "down" ? HealthCheckResponse::NOT_SERVING
                                                      : HealthCheckResponse::UNKNOWN);
    return grpc::Status::OK;
  };
  const Client client = Connect(server);
  EXPECT_EQ(client.CheckHealth("up").value(), ServingStatus::kServing);
  EXPECT_EQ(client.CheckHealth("down").value(), ServingStatus::kNotServing);
  EXPECT_EQ(client.CheckHealth().value(), ServingStatus::kUnknown);
  EXPECT_EQ(client.CheckHealth("gone").status().code(), absl::StatusCode::kNotFound);
}

TEST(ClientTest, ListsTheRepository) {
  FakeServer server;
  server.index = [](const auto& /*request*/, auto& response) {
    auto& model = *response.add_models();
    model.set_name("broken");
    model.set_version("3");
    model.set_state("UNAVAILABLE");
    model.set_reason("cyclic");
    return grpc::Status::OK;
  };
  const auto entries = Connect(server).ListModels().value();
  ASSERT_EQ(entries.size(), 1);
  EXPECT_EQ(entries[0].name, "broken");
  EXPECT_EQ(entries[0].version, "3");
  EXPECT_EQ(entries[0].state, "UNAVAILABLE");
  EXPECT_EQ(entries[0].reason, "cyclic");
}

TEST(ClientTest, DescribesAModel) {
  FakeServer server;
  server.ServeDoubler();
  server.config = [](const auto& request, auto& response) {
    EXPECT_EQ(request.version(), "7");
    response.mutable_config()->set_max_batch_size(4);
    (*response.mutable_config()->mutable_parameters())["layers"].set_string_value("[]");
    return grpc::Status::OK;
  };
  const auto description = Connect(server).Describe("doubler", "7").value();
  EXPECT_EQ(description.max_rows, 4);
  EXPECT_EQ(description.parameters.at("layers"), "[]");
  const ModelMetadata& metadata = description.metadata;
  EXPECT_EQ(metadata.requested_version, "7");
  EXPECT_THAT(metadata.versions, ElementsAre("7"));
  EXPECT_EQ(metadata.platform, "test");
  ASSERT_EQ(metadata.inputs.size(), 1);
  EXPECT_EQ(metadata.inputs[0].name, "x");
  EXPECT_EQ(metadata.inputs[0].datatype, "FP32");
  EXPECT_THAT(metadata.inputs[0].shape, ElementsAre(-1, 3));
  EXPECT_EQ(metadata.outputs.size(), 2);
}

TEST(ClientTest, RefusesANegativeRowLimit) {
  FakeServer server;
  server.ServeDoubler();
  server.config = [](const auto& /*request*/, auto& response) {
    response.mutable_config()->set_max_batch_size(-1);
    return grpc::Status::OK;
  };
  EXPECT_THAT(std::string(Connect(server).Describe("doubler").status().message()),
              StartsWith("malformed answer"));
}

TEST(ClientTest, AnswersRowsInTheRequestedOrder) {
  FakeServer server;
  server.ServeDoubler();
  const Client client = Connect(server);
  const auto model = client.Metadata("doubler").value();
  const auto all = client.Infer(model, 2, {1, 2, 3, 4, 5, 6}).value();
  EXPECT_EQ(all.model, "doubler");
  EXPECT_EQ(all.version, "7");
  ASSERT_EQ(all.outputs.size(), 2);
  EXPECT_EQ(all.outputs[0].name, "twice");
  EXPECT_THAT(all.outputs[0].shape, ElementsAre(2, 3));
  EXPECT_THAT(all.outputs[0].values, ElementsAre(2, 4, 6, 8, 10, 12));
  const auto chosen = client.Infer(model, 1, {1, 2, 3}, {"sum", "twice"}).value();
  EXPECT_EQ(chosen.outputs[0].name, "sum");
  EXPECT_THAT(chosen.outputs[0].values, ElementsAre(6));
}

TEST(ClientTest, UsesTheInputsOwnDimensionsIfTheyFit) {
  FakeServer server;
  std::vector<std::int64_t> shape;
  server.infer = [&](const auto& request, auto& response) {
    shape.assign(request.inputs(0).shape().begin(), request.inputs(0).shape().end());
    AddRawOutput(response, "y", {request.inputs(0).shape(0)}, {0});
    return grpc::Status::OK;
  };
  const Client client = Connect(server);
  ModelMetadata model{"m", "", {}, "", {{"x", "FP32", {-1, 2, 2}}}, {}};
  ASSERT_TRUE(client.Infer(model, 1, {1, 2, 3, 4}).ok());
  EXPECT_THAT(shape, ElementsAre(1, 2, 2));
  ASSERT_TRUE(client.Infer(model, 1, {1, 2, 3}).ok());
  EXPECT_THAT(shape, ElementsAre(1, 3));  // for the server to refuse
}

TEST(ClientTest, ReadsTypedContents) {
  FakeServer server;
  server.ServeDoubler();
  server.infer = [](const auto& /*request*/, auto& response) {
    auto& output = *response.add_outputs();
    output.set_name("y");
    output.set_datatype("FP32");
    output.add_shape(1);
    output.mutable_contents()->add_fp32_contents(2.5f);
    return grpc::Status::OK;
  };
  const Client client = Connect(server);
  const auto answer = client.Infer(client.Metadata("doubler").value(), 1, {1, 2, 3}).value();
  EXPECT_THAT(answer.outputs[0].values, ElementsAre(2.5f));
}

TEST(ClientTest, RefusesValuesThatDoNotFillWholeRows) {
  const Client client = Client::Create("127.0.0.1:1").value();
  const ModelMetadata model{"m", "", {}, "", {{"x", "FP32", {-1, 2}}}, {}};
  EXPECT_EQ(client.Infer(model, 2, {1, 2, 3}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Infer(model, 0, {1, 2}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Infer(model, -1, {1, 2}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Infer(model, 1, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ClientTest, RefusesModelsWithOtherInputs) {
  const Client client = Client::Create("127.0.0.1:1").value();
  ModelMetadata model{"m", "", {}, "", {{"x", "BYTES", {-1, 2}}}, {}};
  EXPECT_THAT(std::string(client.Infer(model, 1, {1, 2}).status().message()), HasSubstr("BYTES"));
  model.inputs.clear();
  EXPECT_EQ(client.Infer(model, 1, {1, 2}).status().code(), absl::StatusCode::kUnimplemented);
}

TEST(ClientTest, RefusesARequestOverTheMessageLimitWithoutSendingIt) {
  FakeServer server;
  server.infer = [](const auto& /*request*/, auto& /*response*/) {
    ADD_FAILURE() << "was sent";
    return grpc::Status::OK;
  };
  ClientOptions options;
  options.max_message_bytes = 1000;
  const ModelMetadata model{"m", "", {}, "", {{"x", "FP32", {-1, 250}}}, {}};
  EXPECT_EQ(Connect(server, options).Infer(model, 1, std::vector<float>(250)).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(ClientTest, ReportsAMissingServer) {
  const auto live = Client::Create("127.0.0.1:1").value().ServerLive();
  EXPECT_EQ(live.status().code(), absl::StatusCode::kUnavailable);
}

TEST(ClientTest, FailsAfterTheTimeout) {
  std::atomic<bool> late = false;  // outlives the call, which ends with the server
  FakeServer server;
  server.live = [&](const auto& /*request*/, auto& /*response*/) {
    // Ends in any case: a client without a timeout would wait for ever.
    Eventually([&] { return late.load(); });
    return grpc::Status::OK;
  };
  ClientOptions options;
  options.timeout = std::chrono::milliseconds(100);
  const auto live = Connect(server, options).ServerLive();
  EXPECT_EQ(live.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(live.status().message(), "no answer from " + server.address() + " within 0.1 s");
  late = true;
}

TEST(ClientTest, IsSharedByThreads) {
  FakeServer server;
  server.ServeDoubler();
  const Client client = Connect(server);
  const auto model = client.Metadata("doubler").value();
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const auto x = static_cast<float>(100 * thread + i);
        const auto answer = client.Infer(model, 1, {x, 0, 0}, {"twice"});
        ASSERT_TRUE(answer.ok()) << answer.status();
        EXPECT_EQ(answer->outputs[0].values[0], 2 * x);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class ErrorCodeTest : public ::testing::TestWithParam<grpc::StatusCode> {};

TEST_P(ErrorCodeTest, IsReturnedWithItsMessage) {
  FakeServer server;
  server.metadata = [](const auto& /*request*/, auto& /*response*/) {
    return grpc::Status(GetParam(), "as the server says");
  };
  const absl::Status status = Connect(server).Metadata("m").status();
  EXPECT_EQ(static_cast<int>(status.code()), static_cast<int>(GetParam()));
  EXPECT_EQ(status.message(), "as the server says");
}

INSTANTIATE_TEST_SUITE_P(
    OfTheProtocol, ErrorCodeTest,
    ::testing::Values(grpc::StatusCode::NOT_FOUND, grpc::StatusCode::UNAVAILABLE,
                      grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::RESOURCE_EXHAUSTED,
                      grpc::StatusCode::DEADLINE_EXCEEDED, grpc::StatusCode::CANCELLED,
                      grpc::StatusCode::UNIMPLEMENTED, grpc::StatusCode::INTERNAL));

TEST(ClientTest, RefusesAMalformedAnswer) {
  FakeServer server;
  server.infer = [](const auto& /*request*/, auto& response) {
    AddRawOutput(response, "y", {1, 3}, {1, 2});
    return grpc::Status::OK;
  };
  const ModelMetadata model{"m", "", {}, "", {{"x", "FP32", {-1, 1}}}, {}};
  const absl::Status status = Connect(server).Infer(model, 1, {1}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "malformed answer: output 'y' has 8 bytes for shape [1,3]");
}

}  // namespace
}  // namespace mlp
