// mlp_rejected_total names the model whose request was refused. No other text from a client appears
// in it.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// One request waits for longer than a test runs, and the next one is refused.
constexpr char kHoldsOneForAnHour[] =
    "max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 "
    "default_queue_policy { max_queue_size: 1 } }";

std::string LabelIn(const std::string& sample, const std::string& label) {
  const std::size_t begin = sample.find(label + "=\"") + label.size() + 2;
  return sample.substr(begin, sample.find('"', begin) - begin);
}

class RejectionsTest : public RepositoryServerTest {
 protected:
  void SetUp() override {
    AddSampleModel(folders_.root(), "digits-tanh", "held", kHoldsOneForAnHour);
    AddSampleModel(folders_.root(), "digits-tanh", "calm");
    AddSampleModel(folders_.root(), "digits-tanh", "unasked");
    // With one thread, all requests meet in one queue.
    ASSERT_NO_FATAL_FAILURE(
        Start({"--model-control", "explicit", "--load-model", "*", "--rpc-threads", "1"}));
    ASSERT_EQ(Ask(RequestFor("calm")), grpc::StatusCode::OK);
  }

  static ModelInferRequest RequestFor(const std::string& model) {
    ModelInferRequest request = DigitsRequest("digits-tanh");
    request.set_model_name(model);
    return request;
  }

  static ModelInferRequest WrongRequestFor(const std::string& model) {
    ModelInferRequest request = RequestFor(model);
    request.mutable_inputs(0)->set_name("nothing");
    return request;
  }

  grpc::StatusCode Ask(const ModelInferRequest& request) const {
    inference::ModelInferResponse response;
    return Infer(*stub_, request, response).error_code();
  }

  // The samples of `metric` that are not zero, by their labels.
  Samples NonZero(const std::string& metric) const {
    Samples samples;
    for (const auto& [name, value] : ReadMetrics(server_->http_port())) {
      if (value > 0 && absl::StartsWith(name, metric + "{")) {
        samples[name.substr(metric.size())] = value;
      }
    }
    return samples;
  }
  Samples Refused() const { return NonZero("mlp_rejected_total"); }

  std::set<std::string> SeriesNames() const {
    std::set<std::string> names;
    for (const auto& [name, value] : ReadMetrics(server_->http_port())) names.insert(name);
    return names;
  }

  // Both metrics determine the model of a request in the same way.
  void ExpectAsManyRefusalsAsErrorsOfEachModel() const {
    Samples refused;
    for (const auto& [sample, value] : Refused()) refused[LabelIn(sample, "model")] += value;
    Samples errors;
    for (const auto& [sample, value] : NonZero("mlp_requests_total")) {
      if (LabelIn(sample, "code") != "OK") errors[LabelIn(sample, "model")] += value;
    }
    EXPECT_EQ(refused, errors);
  }
};

TEST_F(RejectionsTest, NamesOnlyTheModelThatRefused) {
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  // The first request waits until the test ends, the next one finds the queue full, and the last
  // one is invalid.
  for (const ModelInferRequest& request :
       {RequestFor("held"), RequestFor("held"), WrongRequestFor("held")}) {
    ASSERT_TRUE(stream->Write(request));
  }
  const Samples of_stream = {{R"({model="held",reason="invalid"})", 1},
                             {R"({model="held",reason="queue_size"})", 1}};
  EXPECT_TRUE(Eventually([&] { return Refused() == of_stream; }));
  EXPECT_EQ(Refused(), of_stream);
  ASSERT_EQ(Ask(WrongRequestFor("held")), grpc::StatusCode::INVALID_ARGUMENT);
  const Samples with_unary = {{R"({model="held",reason="invalid"})", 2},
                              {R"({model="held",reason="queue_size"})", 1}};
  EXPECT_EQ(Refused(), with_unary);
  ExpectAsManyRefusalsAsErrorsOfEachModel();
  EXPECT_EQ(
      ReadMetrics(server_->http_port()).at(R"(mlp_rejected_total{model="calm",reason="invalid"})"),
      0);
}

TEST_F(RejectionsTest, NamesTheModelOfARequestWhoseDeadlinePassed) {
  grpc::ClientContext context;
  // Long enough that the call reaches the server from a process that stands still for a while.
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
  inference::ModelInferResponse response;
  EXPECT_EQ(stub_->ModelInfer(&context, RequestFor("held"), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] { return !Refused().empty(); }));
  // The client cancels its call at the deadline. The server may notice that first.
  const Samples late = {{R"({model="held",reason="deadline"})", 1}};
  const Samples cancelled = {{R"({model="held",reason="cancelled"})", 1}};
  const Samples refused = Refused();
  EXPECT_TRUE(refused == late || refused == cancelled) << ::testing::PrintToString(refused);
  ExpectAsManyRefusalsAsErrorsOfEachModel();
}

TEST_F(RejectionsTest, CreatesNoSeriesForANameThatIsNotServed) {
  const std::set<std::string> before = SeriesNames();
  ASSERT_THAT(before, Contains(R"(mlp_rejected_total{model="calm",reason="unknown_model"})"));
  EXPECT_EQ(Ask(RequestFor("nobody")), grpc::StatusCode::NOT_FOUND);
  ModelInferRequest of_no_version = RequestFor("calm");
  of_no_version.set_model_version("7");
  EXPECT_EQ(Ask(of_no_version), grpc::StatusCode::NOT_FOUND);
  const Samples unknown = {{R"({model="",reason="unknown_model"})", 2}};
  EXPECT_EQ(Refused(), unknown);
  EXPECT_EQ(SeriesNames(), before);
  EXPECT_THAT(before, Each(Not(HasSubstr(R"(total{model="unasked",reason)"))));
  ExpectAsManyRefusalsAsErrorsOfEachModel();
}

TEST_F(RejectionsTest, RemovesTheSeriesWithTheModel) {
  ASSERT_EQ(Ask(WrongRequestFor("calm")), grpc::StatusCode::INVALID_ARGUMENT);
  const Samples wrong = {{R"({model="calm",reason="invalid"})", 1}};
  EXPECT_EQ(Refused(), wrong);
  ASSERT_TRUE(LoadModel(*stub_, "calm").ok());
  EXPECT_EQ(Refused(), wrong) << "they stay over a reload";
  ASSERT_TRUE(UnloadModel(*stub_, "calm").ok());
  // The serving threads release the model a moment later.
  EXPECT_TRUE(Eventually([&] { return Refused().empty(); }));
  EXPECT_THAT(Refused(), IsEmpty());
  ASSERT_EQ(Ask(WrongRequestFor("calm")), grpc::StatusCode::UNAVAILABLE);
  const Samples not_ready = {{R"({model="",reason="not_ready"})", 1}};
  EXPECT_EQ(Refused(), not_ready);
  ExpectAsManyRefusalsAsErrorsOfEachModel();
}

}  // namespace
}  // namespace mlp
