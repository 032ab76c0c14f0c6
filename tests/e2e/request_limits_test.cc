// Limits on a request: neither its decoded size nor the answer that it asks for may be out of
// proportion to its bytes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;
using ::testing::HasSubstr;

std::string Repeated(const std::string& piece, std::size_t bytes) {
  std::string all;
  while (all.size() + piece.size() <= bytes) all += piece;
  return all;
}

class RequestLimitsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartOnSampleModels();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = OpenChannel(server_->grpc_address());
    stub_ = GRPCInferenceService::NewStub(channel_);
  }

  // The peak memory of the server, in kB.
  std::int64_t MostKilobytes() const {
    std::ifstream status("/proc/" + std::to_string(server_->pid()) + "/status");
    std::string word;
    std::int64_t kilobytes = 0;
    while (status >> word) {
      if (word == "VmHWM:") status >> kilobytes;
    }
    return kilobytes;
  }

  std::unique_ptr<ServerProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
};

TEST_F(RequestLimitsTest, RefusesRequestsThatWouldDecodeToFarMoreBytes) {
  const std::string right = DigitsRequest("digits-tanh").SerializeAsString();
  ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub_, DigitsRequest("digits-tanh"), response).ok());
  const std::int64_t before = MostKilobytes();
  constexpr std::size_t kBytes = 1'000'000;
  for (const std::string& piece :
       {std::string("\x2a\x00", 2), std::string("\x2a\x02\x2a\x00", 4), std::string("\x32\x00", 2),
        std::string("\x3a\x00", 2), std::string("\xfa\x3f\x00", 3), std::string("\xf8\x3f\x01", 3),
        std::string("\x2a\x04\x2a\x02\x42\x00", 6)}) {
    const grpc::Status status =
        CallWithBytes(channel_, kModelInferPath, right + Repeated(piece, kBytes));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr("more than 4096"));
  }
  // The requests are sent one after the other, so they take the memory of one, undecoded.
  if (!ServerProcess::IsOfAnotherBuild()) {
    EXPECT_LT(MostKilobytes() - before, 16'000);
  }
  EXPECT_TRUE(Infer(*stub_, DigitsRequest("digits-tanh"), response).ok());
}

TEST_F(RequestLimitsTest, RefusesMoreClassesThanAnAnswerMayName) {
  auto server = ServerProcess::StartOnSampleModels({"--max-batch-rows", "16384"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  // 6,553 rows with all 10 classes are the most that an answer may name.
  for (const std::int64_t rows : {6'553, 6'554}) {
    ModelInferRequest request = DigitsRequest("digits-tanh", rows);
    auto& output = *request.add_outputs();
    output.set_name("logits");
    (*output.mutable_parameters())["classification"].set_int64_param(1000);
    ModelInferResponse response;
    const grpc::Status status = Infer(*stub, request, response);
    if (rows == 6'553) {
      EXPECT_TRUE(status.ok()) << status.error_message();
    } else {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_THAT(status.error_message(), HasSubstr("expected at most 65536"));
    }
  }
}

// Asks for the best 16 classes of each of `rows`, which have two values each. If the request is
// refused, the test fails.
std::string ClassesOf(GRPCInferenceService::Stub& stub, absl::Span<const float> rows) {
  ModelInferRequest request =
      RawRequest("broad", static_cast<std::int64_t>(rows.size()) / 2, 2, rows);
  auto& output = *request.add_outputs();
  output.set_name("y");
  (*output.mutable_parameters())["classification"].set_int64_param(16);
  ModelInferResponse response;
  const grpc::Status status = Infer(stub, request, response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return status.ok() ? response.raw_output_contents(0) : "";
}

// Sorting 4,096,000 values in one step used to delay other requests by 0.1 s.
TEST_F(RequestLimitsTest, FindsTheClassesOfManyRowsInSteps) {
  const TemporaryFolder folder;
  const auto some_value = [](std::size_t i) {
    return static_cast<float>(i * 7919 % 10'007) / 10'007 - 0.5F;
  };
  WriteNativeModel(folder.path() / "broad/1", {2, 1000}, some_value);
  auto server = ServerProcess::Start(
      {"--model-repository", folder.path().string(), "--max-answer-bytes", "33554432"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  constexpr std::size_t kRows = 4096;
  // All rows differ, so each must be in its place in the answer.
  std::vector<float> values;
  for (std::size_t row = 0; row < kRows; ++row) {
    values.push_back(static_cast<float>(row));
    values.push_back(static_cast<float>(row * row % 1009));
  }
  const std::string classes = ClassesOf(*stub, values);
  ASSERT_FALSE(HasFailure());
  Samples samples = ReadMetrics((*server)->http_port());
  EXPECT_GE(samples[R"(mlp_batch_rows_count{model="broad",version="1"})"], kRows * 1000 / 65'536);
  const absl::Span<const float> rows(values);
  std::size_t at = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const std::string of_row = ClassesOf(*stub, rows.subspan(2 * row, 2));
    ASSERT_EQ(classes.substr(at, of_row.size()), of_row) << row;
    at += of_row.size();
  }
  EXPECT_EQ(at, classes.size());
}

TEST_F(RequestLimitsTest, NeverReturnsAnIdThatIsNotUtf8) {
  // Protobuf writes such a string, with only a logged error, but refuses to read it.
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stream = stub_->ModelStreamInfer(&context);
  ModelInferRequest request = DigitsRequest("digits-tanh");
  request.set_id("\xff\xfe\x80");
  ASSERT_TRUE(stream->Write(request));
  request.set_id("right");
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  ModelStreamInferResponse response;
  ASSERT_TRUE(stream->Read(&response)) << stream->Finish().error_message();
  EXPECT_THAT(response.error_message(), HasSubstr("cannot be decoded"));
  EXPECT_EQ(response.infer_response().id(), "");
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_message(), "");
  EXPECT_EQ(response.infer_response().id(), "right");
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(RequestLimitsTest, RefusesInvalidUtf8WithAMessageInValidUtf8) {
  void (*const spoilers[])(ModelInferRequest&) = {
      [](ModelInferRequest& r) { r.set_id("\xff"); },
      [](ModelInferRequest& r) { r.set_model_name("\xff"); },
      [](ModelInferRequest& r) { r.set_model_version("\xff"); },
      [](ModelInferRequest& r) { r.mutable_inputs(0)->set_name("\xff"); },
      [](ModelInferRequest& r) { r.mutable_inputs(0)->set_datatype("\xff"); },
      [](ModelInferRequest& r) { r.add_outputs()->set_name("\xff"); },
      [](ModelInferRequest& r) { (*r.mutable_parameters())["\xff"].set_bool_param(true); },
      [](ModelInferRequest& r) { (*r.mutable_parameters())["x"].set_string_param("\xff"); }};
  for (const auto spoil : spoilers) {
    ModelInferRequest request = DigitsRequest("digits-tanh");
    spoil(request);
    ModelInferResponse response;
    const grpc::Status status = Infer(*stub_, request, response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << request.DebugString();
    for (const char character : status.error_message()) EXPECT_GE(character, ' ');
  }
  EXPECT_THAT(server_->log(), ::testing::Not(HasSubstr("UTF-8"))) << "a client fills the log";
}

TEST_F(RequestLimitsTest, AcceptsEveryLegalTimeout) {
  const std::string message = GrpcMessage(DigitsRequest("digits-tanh").SerializeAsString());
  const char* const answered = R"(mlp_requests_total{code="OK",model="digits-tanh",version="1"})";
  int sent = 0;
  // Even the first one is longer than a machine stands still.
  for (const char* timeout : {"600S", "99999999S", "99999999M", "2500000H", "2600000H", "5124096H",
                              "10000000H", "99999999H"}) {
    Http2Connection connection(server_->grpc_port());
    connection.Send(Frame(kHeadersFrame, kEndHeaders, 1,
                          CallHeaders(kModelInferPath, {{"grpc-timeout", timeout}})) +
                    DataFrames(1, message, /*end_stream=*/true));
    ++sent;
    EXPECT_TRUE(Eventually([&] {
      const Samples samples = ReadMetrics(server_->http_port());
      const auto found = samples.find(answered);
      return found != samples.end() && found->second == sent;
    })) << timeout;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace mlp
