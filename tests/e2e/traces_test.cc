// Traces: a client's `traceparent` appears in the log's lines about slow and failed requests and in
// the exemplars of /metrics, over gRPC, in streams and over REST. A malformed traceparent does no
// harm.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOpenMetrics[] = "Accept: application/openmetrics-text; version=1.0.0\r\n";

// A different trace for each number.
std::string TraceOf(int number) { return absl::StrCat("4bf92f3577b34da6a3ce929d0e0e470", number); }
std::string TraceparentOf(int number) {
  return absl::StrCat("00-", TraceOf(number), "-00f067aa0ba902b7-01");
}

ModelInferRequest WithoutInputs() {
  ModelInferRequest request;
  request.set_model_name("m");
  request.set_id("a b");
  return request;
}

ModelInferRequest RightRequest() {
  ModelInferRequest request = DigitsRequest("digits-tanh");
  request.set_model_name("m");
  return request;
}

class TracesTest : public RepositoryServerTest {
 protected:
  void Start(const std::string& configuration = "", std::vector<std::string> arguments = {}) {
    AddSampleModel(folders_.root(), "digits-tanh", "m", configuration);
    arguments.insert(arguments.end(), {"--rest-address", "127.0.0.1:0"});
    RepositoryServerTest::Start(std::move(arguments));
  }

  grpc::Status Ask(const ModelInferRequest& request, const std::vector<std::string>& traceparents) {
    grpc::ClientContext context;
    for (const std::string& value : traceparents) context.AddMetadata("traceparent", value);
    ModelInferResponse response;
    return stub_->ModelInfer(&context, request, &response);
  }

  // Whether the stream brought an answer.
  bool AskInStream(const ModelInferRequest& request, const std::string& traceparent) {
    grpc::ClientContext context;
    context.AddMetadata("traceparent", traceparent);
    const auto stream = stub_->ModelStreamInfer(&context);
    stream->Write(request);
    stream->WritesDone();
    ModelStreamInferResponse response;
    const bool answered = stream->Read(&response);
    stream->Finish();
    return answered;
  }

  int AskByRest(const std::string& body, const std::string& headers) const {
    RestClient client(server_->rest_port());
    return client.Post("/v2/models/m/infer", body, headers).code;
  }

  // The first line of the log that contains `text`; empty if there is none.
  std::string LineWith(const std::string& text) const {
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(server_->log(), '\n'))) {
      if (absl::StrContains(line, text)) return line;
    }
    return "";
  }

  // Asks until the log shows it: there is at most one line a second.
  std::string LineAbout(int trace, const std::function<void()>& ask) {
    EXPECT_TRUE(Eventually([&] {
      ask();
      return !LineWith(TraceOf(trace)).empty();
    })) << server_->log();
    return LineWith(TraceOf(trace));
  }
};

TEST_F(TracesTest, AreLoggedForFailedRequestsOverEveryProtocol) {
  Start();
  for (const std::string& line :
       {LineAbout(1, [&] { Ask(WithoutInputs(), {TraceparentOf(1)}); }),
        LineAbout(2, [&] { AskInStream(WithoutInputs(), TraceparentOf(2)); })}) {
    EXPECT_THAT(line, HasSubstr(" info failed request: model=m version=1 code=INVALID_ARGUMENT "));
    EXPECT_THAT(line, HasSubstr(" request_id=\"a b\" error=\"the request has no input"));
  }
  // One request that reaches a worker, one that is not JSON, and one whose headers are refused.
  EXPECT_THAT(LineAbout(3,
                        [&] {
                          AskByRest("{\"id\":\"seven\",\"inputs\":[]}",
                                    absl::StrCat("TraceParent: ", TraceparentOf(3), "\r\n"));
                        }),
              HasSubstr(" request_id=seven error=\"the request has no input"));
  EXPECT_THAT(
      LineAbout(4,
                [&] { AskByRest("{", absl::StrCat("traceparent: ", TraceparentOf(4), "\r\n")); }),
      HasSubstr(" info failed request: model=m version=1 code=INVALID_ARGUMENT "));
  EXPECT_THAT(LineAbout(5,
                        [&] {
                          AskByRest("{}", absl::StrCat("Content-Encoding: gzip\r\ntraceparent: ",
                                                       TraceparentOf(5), "\r\n"));
                        }),
              HasSubstr("compressed"));
}

TEST_F(TracesTest, AreLoggedForSlowRequests) {
  // A request waits for others, which never come.
  Start("dynamic_batching { max_queue_delay_microseconds: 20000 }",
        {"--slow-request-ms", "20", "--log-format", "json"});
  const std::string line = LineAbout(1, [&] { Ask(RightRequest(), {TraceparentOf(1)}); });
  EXPECT_THAT(line, HasSubstr(R"("level":"warning","message":"slow request: model=m version=1 )"));
  EXPECT_THAT(line, HasSubstr("rows=1 code=OK total_ms="));
  EXPECT_THAT(line, HasSubstr(" queue_ms="));
  EXPECT_THAT(line, HasSubstr(" batch_rows=1 trace_id="));
}

TEST_F(TracesTest, AreNotLoggedIfTheRequestLogIsOff) {
  Start("", {"--slow-request-ms", "0"});
  EXPECT_FALSE(Ask(WithoutInputs(), {TraceparentOf(1)}).ok());
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->WaitForExit(), 0);
  EXPECT_THAT(server_->log(), Not(HasSubstr("failed request")));
}

TEST_F(TracesTest, AreIgnoredIfTheyAreMalformed) {
  Start();
  const std::string right = TraceparentOf(1);
  for (const std::vector<std::string>& values : {std::vector<std::string>{"00-xyz"},
                                                 {right + "-x"},
                                                 {""},
                                                 {right, TraceparentOf(2)},
                                                 {std::string(4'000, '0')}}) {
    EXPECT_TRUE(Ask(RightRequest(), values).ok()) << values.front();
  }
  const std::string body =
      R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[0,64],"data":[]}]})";
  for (const std::string& headers :
       {std::string("traceparent: nonsense\r\n"), std::string("traceparent:\r\n"),
        absl::StrCat("traceparent: ", right, "\r\ntraceparent: ", TraceparentOf(2), "\r\n")}) {
    EXPECT_EQ(AskByRest(body, headers), 200) << headers;
  }
  const std::string page = HttpGet(server_->http_port(), "/metrics", "GET", kOpenMetrics).body;
  EXPECT_THAT(page, Not(HasSubstr("trace_id")));
  EXPECT_THAT(page, HasSubstr("# EOF\n"));
}

TEST_F(TracesTest, AreExemplarsIfOpenMetricsIsRequested) {
  Start();
  ASSERT_TRUE(Ask(RightRequest(), {TraceparentOf(1)}).ok());
  // The request was counted before its answer was sent.
  const std::string page = HttpGet(server_->http_port(), "/metrics", "GET", kOpenMetrics).body;
  EXPECT_THAT(page, HasSubstr(absl::StrCat(" # {trace_id=\"", TraceOf(1), "\"} ")));
  EXPECT_THAT(HttpGet(server_->http_port(), "/metrics").body, Not(HasSubstr("trace_id")));

  std::string zeros = "0";
  for (int i = 1; i < 64; ++i) zeros += ",0";
  const std::string body = absl::StrCat(
      R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[1,64],"data":[)", zeros, "]}]}");
  const auto is_shown = [&](int trace) {
    return absl::StrContains(HttpGet(server_->http_port(), "/metrics", "GET", kOpenMetrics).body,
                             TraceOf(trace));
  };
  // A bucket keeps its exemplar for a second.
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(AskInStream(RightRequest(), TraceparentOf(2)));
    return is_shown(2);
  }));
  EXPECT_TRUE(Eventually([&] {
    EXPECT_EQ(AskByRest(body, absl::StrCat("traceparent: ", TraceparentOf(3), "\r\n")), 200);
    return is_shown(3);
  }));
}

}  // namespace
}  // namespace mlp
