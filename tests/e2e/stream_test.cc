// ModelStreamInfer: order, errors that do not end the stream, half-close, clients that do not read,
// and a drain.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/pauses.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;
using ::testing::HasSubstr;

class StreamTest : public ::testing::Test {
 protected:
  using Stream = grpc::ClientReaderWriter<ModelInferRequest, ModelStreamInferResponse>;

  void SetUp() override {
    auto server = ServerProcess::StartOnSampleModels();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }

  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
  grpc::ClientContext context_;
};

ModelInferRequest Numbered(int number, std::int64_t rows = 1) {
  ModelInferRequest request = DigitsRequest("digits-tanh", rows);
  request.set_id(absl::StrCat(number));
  return request;
}

TEST_F(StreamTest, AnswersInOrderWithTheValuesOfUnaryCalls) {
  ModelInferResponse alone;
  ASSERT_TRUE(Infer(*stub_, Numbered(0, 7), alone).ok());
  const std::unique_ptr<Stream> stream = stub_->ModelStreamInfer(&context_);
  constexpr int kRequests = 1000;
  std::thread writer([&] {
    for (int i = 0; i < kRequests; ++i) ASSERT_TRUE(stream->Write(Numbered(i, 1 + i % 7)));
    stream->WritesDone();
  });
  ModelStreamInferResponse response;
  int read = 0;
  for (; stream->Read(&response); ++read) {
    ASSERT_EQ(response.error_message(), "");
    ASSERT_EQ(response.infer_response().id(), absl::StrCat(read));
    const std::string& values = response.infer_response().raw_output_contents(0);
    const std::string& expected = alone.raw_output_contents(0);
    ASSERT_EQ(values, expected.substr(0, expected.size() / 7 * (1 + read % 7)));
  }
  writer.join();
  EXPECT_EQ(read, kRequests) << "a half-closed stream is answered to its end";
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, AnErrorIsAnAnswerAndTheStreamContinues) {
  const std::unique_ptr<Stream> stream = stub_->ModelStreamInfer(&context_);
  ModelInferRequest wrong = Numbered(2);
  wrong.mutable_inputs(0)->set_name("nothing");
  ModelInferRequest unknown = Numbered(3);
  unknown.set_model_name("nobody");
  for (const ModelInferRequest& request : {Numbered(1), wrong, unknown, Numbered(4)}) {
    ASSERT_TRUE(stream->Write(request));
  }
  const char* errors[] = {"", "input 'nothing' is unknown", "model 'nobody' is unknown", ""};
  for (int i = 0; i < 4; ++i) {
    ModelStreamInferResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_THAT(response.error_message(), HasSubstr(errors[i]));
    EXPECT_EQ(response.error_message().empty(), *errors[i] == '\0');
    EXPECT_EQ(response.infer_response().id(), absl::StrCat(i + 1));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  const Samples samples = ReadMetrics(server_->http_port());
  EXPECT_EQ(samples.at(R"(mlp_rejected_total{model="digits-tanh",reason="invalid"})"), 1);
  EXPECT_EQ(samples.at(R"(mlp_rejected_total{model="",reason="unknown_model"})"), 1);
}

TEST_F(StreamTest, EachAnswerIsMarkedFinalIfRequested) {
  const std::unique_ptr<Stream> stream = stub_->ModelStreamInfer(&context_);
  ModelInferRequest asks = Numbered(1);
  (*asks.mutable_parameters())["triton_enable_empty_final_response"].set_bool_param(true);
  ModelStreamInferResponse response;
  ASSERT_TRUE(stream->Write(asks) && stream->Read(&response));
  EXPECT_TRUE(response.infer_response().parameters().at("triton_final_response").bool_param());
  ASSERT_TRUE(stream->Write(Numbered(2)) && stream->Read(&response));
  EXPECT_TRUE(response.infer_response().parameters().empty());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, AClientThatDoesNotReadIsNotReadFurther) {
  const std::unique_ptr<Stream> stream = stub_->ModelStreamInfer(&context_);
  std::atomic<int> written = 0;
  std::thread writer([&] {
    // 4,096 rows of 64 values are 1 MiB, far more than the buffers of both sides hold.
    for (int i = 0; i < 400 && stream->Write(Numbered(i, 4096)); ++i) ++written;
  });
  int last = -1;
  for (int quiet = 0; quiet < 5;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    quiet = written == last ? quiet + 1 : 0;
    last = written;
  }
  EXPECT_LT(written, 300) << "the server goes on to read";
  context_.TryCancel();
  writer.join();
  // Other clients are served as before once the unread requests have been dropped.
  ModelInferResponse response;
  EXPECT_TRUE(Eventually([&] { return Infer(*stub_, Numbered(0), response).ok(); }));
}

TEST_F(StreamTest, EndsWithUnavailableWhenTheServerDrains) {
  for (int i = 0; i < kMaxRepetitions; ++i) {
    if (i > 0) SetUp();
    grpc::ClientContext open_context;
    open_context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const std::unique_ptr<Stream> stream = stub_->ModelStreamInfer(&open_context);
    ASSERT_TRUE(stream->Write(Numbered(1)));
    ModelStreamInferResponse response;
    ASSERT_TRUE(stream->Read(&response));
    server_->Signal(SIGTERM);
    EXPECT_FALSE(stream->Read(&response));
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    // The same holds for streams opened from now on, one after the other. If none is opened for
    // 200 ms, because this process stands still, gRPC ends and cancels those that come later.
    int cancelled = 0;
    for (int k = 0; k < 3; ++k) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
      const std::unique_ptr<Stream> late = stub_->ModelStreamInfer(&context);
      EXPECT_FALSE(late->Read(&response));
      const grpc::StatusCode code = late->Finish().error_code();
      cancelled += code == grpc::StatusCode::CANCELLED ? 1 : 0;
      EXPECT_TRUE(code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::CANCELLED)
          << code;
    }
    EXPECT_EQ(server_->WaitForExit(), 0);
    if (cancelled == 0) return;
  }
  FAIL() << "each time, a stream was cancelled";
}

TEST_F(StreamTest, ManyBrokenStreamsLeaveNothingBehind) {
  for (int i = 0; i < 200; ++i) {
    grpc::ClientContext context;
    const std::unique_ptr<Stream> stream = stub_->ModelStreamInfer(&context);
    stream->Write(Numbered(i));
    if (i % 2 == 0) stream->Write(Numbered(i, 100));
    context.TryCancel();
    stream->Finish();
  }
  ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub_, Numbered(0), response).ok());
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->WaitForExit(), 0);
}

}  // namespace
}  // namespace mlp
