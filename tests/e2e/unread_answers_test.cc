// Clients that request much and read nothing. What they can hold is bounded, and other clients are
// served.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "proto/health.grpc.pb.h"
#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

constexpr double kBytesOfAMebibyte = 1024 * 1024;

class UnreadAnswersTest : public RepositoryServerTest {
 protected:
  void Serve(std::int64_t units, std::vector<std::string> arguments = {}) {
    WriteNativeModel(folders_.root() / "wide" / "1", {1, units});
    ASSERT_NO_FATAL_FAILURE(Start(std::move(arguments)));
    ASSERT_TRUE(Ask(1).ok());
    before_ = Resident();
  }

  grpc::Status Ask(std::int64_t rows) {
    inference::ModelInferResponse response;
    return Infer(*stub_, Request(rows), response);
  }

  static inference::ModelInferRequest Request(std::int64_t rows) {
    return RawRequest("wide", rows, 1, std::vector<float>(static_cast<std::size_t>(rows)));
  }

  double Metric(const std::string& name) const { return ReadMetrics(server_->http_port())[name]; }
  double Resident() const { return Metric("process_resident_memory_bytes"); }
  double Counted(const std::string& code) const {
    return Metric(
        absl::StrCat("mlp_requests_total{code=\"", code, "\",model=\"wide\",version=\"1\"}"));
  }

  // Calls `method` this many times and leaves no room for the answers.
  static void CallWithoutReading(Http2Connection& connection, const char* method, int calls,
                                 const std::string& message) {
    connection.Send(NoRoomForAnswers());
    const std::string headers = CallHeaders(method);
    std::uint32_t stream = 1;
    for (int i = 0; i < calls; ++i) {
      if (!connection.Send(AskCalls(headers, message, 1, stream))) return;
    }
  }

  // The same with requests of `rows` rows.
  static void AskWithoutReading(Http2Connection& connection, const char* method, int calls,
                                std::int64_t rows) {
    CallWithoutReading(connection, method, calls, Request(rows).SerializeAsString());
  }

  void ExpectControlCallsAreAnswered(int calls) {
    const auto health = grpc::health::v1::Health::NewStub(OpenChannel(server_->grpc_address()));
    for (int i = 0; i < calls; ++i) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
      inference::ServerLiveResponse response;
      const grpc::Status status = stub_->ServerLive(&context, {}, &response);
      ASSERT_TRUE(status.ok()) << i << ": " << status.error_message();
      EXPECT_TRUE(response.live());
      grpc::ClientContext check_context;
      check_context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
      grpc::health::v1::HealthCheckResponse health_response;
      const grpc::Status check = health->Check(&check_context, {}, &health_response);
      ASSERT_TRUE(check.ok()) << i << ": " << check.error_message();
    }
  }

  void ExpectGrownByLessThan(double mebibytes) const {
    if (ServerProcess::IsOfAnotherBuild()) return;
    EXPECT_LT(Resident() - before_, mebibytes * kBytesOfAMebibyte);
  }

  double before_ = 0;
};

// 4,095 rows of 262,208 outputs are 4 GiB and 8 bytes. A request of 16 KB asks for them.
TEST_F(UnreadAnswersTest, AnAnswerOfGigabytesIsRefused) {
  Serve(262'208);
  const grpc::Status status = Ask(4095);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_NE(status.error_message().find("would take 4294"), std::string::npos)
      << status.error_message();
  EXPECT_EQ(Counted("INVALID_ARGUMENT"), 1);
  EXPECT_TRUE(Ask(1).ok());
  ExpectGrownByLessThan(50);
}

TEST_F(UnreadAnswersTest, UnreadAnswersOfAConnectionAreBounded) {
  Serve(20'000, {"--max-unread-answer-bytes", "67108864", "--answer-timeout-seconds", "3600"});
  Http2Connection greedy(server_->grpc_port());
  // 4 MB each. All requests fit into the initial window of a connection.
  AskWithoutReading(greedy, kModelInferPath, 150, 50);
  EXPECT_TRUE(Eventually([&] { return Counted("OK") + Counted("RESOURCE_EXHAUSTED") >= 151; }));
  EXPECT_GT(Counted("RESOURCE_EXHAUSTED"), 100);
  // The share of one connection is a quarter of the bytes. Other connections have theirs.
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Ask(50).ok());
  ExpectGrownByLessThan(150);
}

TEST_F(UnreadAnswersTest, UnreadAnswersAreCancelledAfterATimeout) {
  Serve(20'000, {"--max-unread-answer-bytes", "67108864", "--answer-timeout-seconds", "1"});
  const auto decided = [this] { return Counted("OK") + Counted("RESOURCE_EXHAUSTED"); };
  std::unique_ptr<Http2Connection> greedy;
  // The bytes of its answers show for a second or two. If this test misses them, it asks again.
  EXPECT_TRUE(Eventually([&] {
    const double before = decided();
    greedy = std::make_unique<Http2Connection>(server_->grpc_port());
    AskWithoutReading(*greedy, kModelInferPath, 3, 50);
    EXPECT_TRUE(Eventually([&] { return decided() >= before + 3; }));
    return Metric("mlp_unread_answer_bytes") > 1e7;
  }));
  EXPECT_TRUE(Eventually([&] { return Metric("mlp_unread_answer_bytes") == 0; }));
  if (ServerProcess::IsOfAnotherBuild()) return;
  // Their memory is returned to the system.
  EXPECT_TRUE(Eventually([&] { return Resident() - before_ < 40 * kBytesOfAMebibyte; }));
}

TEST_F(UnreadAnswersTest, UnreadStreamsAreBoundedToo) {
  Serve(20'000, {"--max-unread-answer-bytes", "67108864", "--answer-timeout-seconds", "1"});
  std::vector<std::unique_ptr<Http2Connection>> greedy;
  for (int i = 0; i < 8; ++i) {
    greedy.push_back(std::make_unique<Http2Connection>(server_->grpc_port()));
    AskWithoutReading(*greedy.back(), kModelStreamInferPath, 20, 50);
  }
  EXPECT_TRUE(Eventually([&] { return Metric("mlp_unread_answer_bytes") == 0; }));
  EXPECT_TRUE(Eventually([&] { return Ask(50).ok(); }));
  ExpectGrownByLessThan(200);
}

// Eight calls of each control method are posted at a time.
TEST_F(UnreadAnswersTest, UnreadControlCallsDoNotBlockOtherClients) {
  Serve(10);
  Http2Connection greedy(server_->grpc_port());
  CallWithoutReading(greedy, kServerLivePath, 200, "");
  ExpectControlCallsAreAnswered(20);
}

// If each connection could have as many as 64 unread answers, these would hold all that may wait.
TEST_F(UnreadAnswersTest, UnreadControlCallsOfManyConnectionsDoNotBlockOtherClients) {
  Serve(10);
  std::vector<std::unique_ptr<Http2Connection>> greedy;
  for (int i = 0; i < 64; ++i) {
    greedy.push_back(std::make_unique<Http2Connection>(server_->grpc_port()));
    CallWithoutReading(*greedy.back(), kServerLivePath, 70, "");
  }
  ExpectControlCallsAreAnswered(200);
}

TEST_F(UnreadAnswersTest, ManyControlCallsOfAClientThatReadsAreAllAnswered) {
  Serve(10);
  constexpr int kLiveCalls = 900;
  struct Call {
    grpc::ClientContext context;
    inference::ModelMetadataResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<inference::ModelMetadataResponse>> reader;
  };
  inference::ModelMetadataRequest request;
  request.set_name("wide");
  for (int round = 0; round < 3; ++round) {
    std::vector<Call> calls(kLiveCalls);
    grpc::CompletionQueue queue;
    for (Call& call : calls) {
      call.context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
      call.reader = stub_->AsyncModelMetadata(&call.context, request, &queue);
      call.reader->Finish(&call.response, &call.status, &call);
    }
    void* tag = nullptr;
    bool ok = false;
    for (int i = 0; i < kLiveCalls && queue.Next(&tag, &ok); ++i) {
      const grpc::Status& status = static_cast<Call*>(tag)->status;
      EXPECT_TRUE(status.ok()) << status.error_message();
    }
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
  }
}

// Small answers, of which at most 4,000 may wait.
TEST_F(UnreadAnswersTest, UnreadSmallAnswersOfManyConnectionsMakeNoOthersFail) {
  Serve(10, {"--max-unread-answer-bytes", "33554432", "--answer-timeout-seconds", "3600",
             "--admission", "fixed"});
  std::vector<std::unique_ptr<Http2Connection>> greedy;
  for (int i = 0; i < 8; ++i) {
    greedy.push_back(std::make_unique<Http2Connection>(server_->grpc_port()));
    AskWithoutReading(*greedy.back(), kModelInferPath, 1000, 1);
  }
  const auto all_are_decided = [&] {
    return Counted("OK") + Counted("RESOURCE_EXHAUSTED") >= 8000;
  };
  // With sanitizers on a busy machine, this takes half a minute.
  EXPECT_TRUE(Eventually(all_are_decided) || Eventually(all_are_decided));
  EXPECT_GT(Counted("RESOURCE_EXHAUSTED"), 0);
  int refused = 0;
  InferMany(
      OpenChannel(server_->grpc_address()), 16,
      [](int i) { return i < 400 ? std::optional(Request(1)) : std::nullopt; },
      [&](int, const grpc::Status& status, const inference::ModelInferResponse&) {
        if (!status.ok()) ++refused;
      });
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace mlp
