#include "client/bench/load_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "tests/client/fake_server.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// Makes a server answer only its first request until the gate is opened. The handler shares the
// gate, because a cancelled call may outlive the test's own variables.
struct Gate {
  std::atomic<int> passed = 0;
  std::atomic<bool> open = false;
};

std::shared_ptr<Gate> PutGateBefore(FakeServer& server) {
  auto gate = std::make_shared<Gate>();
  server.infer = [gate, answer = server.infer](const auto& request, auto& response) {
    while (gate->passed > 0 && !gate->open) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ++gate->passed;
    return answer(request, response);
  };
  return gate;
}

// A server with the doubler. A test may make its answers fail or differ.
class LoadGeneratorTest : public ::testing::TestWithParam<bool> {
 protected:
  LoadGeneratorTest() {
    server_.ServeDoubler();
    options_.address = server_.address();
    options_.stream = GetParam();
  }

  std::unique_ptr<LoadGenerator> Generator() {
    const auto client = Client::Create(server_.address());
    const auto model = client->Metadata("doubler");
    auto generator = LoadGenerator::Create(*model, options_);
    EXPECT_TRUE(generator.ok()) << generator.status();
    return generator.ok() ? *std::move(generator) : nullptr;
  }

  // Runs until `requests` requests are done. Nothing else ends it.
  LoadResult RunRequests(const LoadTarget& target, std::int64_t requests) {
    return Generator()->Run(target, {std::chrono::hours(1), requests}, stop_);
  }

  FakeServer server_;
  LoadOptions options_;
  LoadStop stop_;
};

void ExpectExactCounts(const LoadResult& result, std::int64_t sent) {
  EXPECT_EQ(result.sent, sent);
  EXPECT_EQ(result.answered + result.ErrorCount(), sent);
  EXPECT_EQ(result.latency.count(), result.answered);
  EXPECT_EQ(result.answered_in_window, result.answered);
  EXPECT_GT(result.window.count(), 0);
}

TEST_P(LoadGeneratorTest, AnswersEveryRequestOfAClosedLoop) {
  options_.threads = 2;
  options_.connections = 3;
  for (const std::int64_t requests : {1, 2, 7, 500}) {
    const LoadResult result = RunRequests({.concurrency = 9}, requests);
    ExpectExactCounts(result, requests);
    EXPECT_TRUE(result.errors.empty()) << result.first_error;
    EXPECT_EQ(result.lag.count(), 0);
  }
}

TEST_P(LoadGeneratorTest, SendsEveryRequestOfAnOpenLoopThatIsDue) {
  options_.threads = 2;
  options_.connections = 2;
  for (const double rate : {500.0, 1e6}) {  // at 1e6 it falls behind
    const LoadResult result = RunRequests({.rate = rate}, 200);
    ExpectExactCounts(result, 200);
    EXPECT_EQ(result.lag.count(), 200);
    EXPECT_EQ(result.unsent, 0);
    EXPECT_GE(result.latency.longest(), result.lag.Percentile(0.0));
  }
}

TEST_P(LoadGeneratorTest, EndsAfterTheDuration) {
  const auto generator = Generator();
  for (const LoadTarget& target : {LoadTarget{4, 0.0}, LoadTarget{0, 1000.0}}) {
    // A thread that gets no CPU for the whole duration sends nothing.
    EXPECT_TRUE(Eventually([&] {
      const LoadResult result = generator->Run(target, {std::chrono::milliseconds(100), 0}, stop_);
      EXPECT_EQ(result.answered, result.sent);
      EXPECT_LE(result.answered_in_window, result.answered);
      EXPECT_GE(result.window, std::chrono::milliseconds(100));
      return result.sent > 0;
    }));
  }
}

TEST_P(LoadGeneratorTest, CountsErrorsByTheirCode) {
  const auto answer = server_.infer;
  std::atomic<int> asked = -1;  // the first request is sent alone
  server_.infer = [&](const auto& request, auto& response) -> grpc::Status {
    const int number = asked++;
    if (number >= 0 && number % 4 == 0) return {grpc::StatusCode::RESOURCE_EXHAUSTED, "full"};
    return answer(request, response);
  };
  const LoadResult result = RunRequests({.concurrency = 5}, 100);
  ExpectExactCounts(result, 100);
  // A stream carries no status codes for single requests.
  const auto code = GetParam() ? grpc::StatusCode::UNKNOWN : grpc::StatusCode::RESOURCE_EXHAUSTED;
  EXPECT_THAT(result.errors, ElementsAre(Pair(code, 25)));
  EXPECT_EQ(result.first_error, "full");
}

TEST_P(LoadGeneratorTest, FindsAnAnswerThatDiffers) {
  options_.check_tolerance = 0.0F;
  const auto answer = server_.infer;
  std::atomic<int> asked = 0;
  server_.infer = [&](const auto& request, auto& response) {
    grpc::Status status = answer(request, response);
    // At first, each of the 64 messages is asked alone.
    if (asked++ == 100) (*response.mutable_raw_output_contents(1))[0] ^= 1;
    return status;
  };
  const LoadResult result = RunRequests({.concurrency = 3}, 130);
  ExpectExactCounts(result, 130);
  EXPECT_EQ(result.wrong, 1);
}

TEST_P(LoadGeneratorTest, StopsWhenAsked) {
  const auto generator = Generator();
  const LoadResult result = generator->Run({.concurrency = 2}, {std::chrono::hours(1), 0}, stop_,
                                           [this](const LoadGenerator::Counts& counts) {
                                             if (counts.answered > 0) stop_.sending = true;
                                           });
  EXPECT_GT(result.sent, 0);
  EXPECT_EQ(result.answered, result.sent);
}

TEST_P(LoadGeneratorTest, CancelsRequestsInFlightWhenAsked) {
  const std::shared_ptr<Gate> gate = PutGateBefore(server_);
  const auto generator = Generator();
  stop_.waiting = true;
  const LoadResult result = generator->Run({.concurrency = 1}, {std::chrono::hours(1), 1}, stop_);
  gate->open = true;
  ExpectExactCounts(result, 1);
  EXPECT_THAT(result.errors, ElementsAre(Pair(grpc::StatusCode::CANCELLED, 1)));
}

TEST_P(LoadGeneratorTest, SendsTheTimeoutAndTheRowsOfEveryRequest) {
  options_.timeout_microseconds = 1234;
  options_.request_options.rows = 2;
  const auto answer = server_.infer;
  std::mutex mutex;
  std::set<std::string> asked;
  int with_timeout = 0;
  server_.infer = [&](const auto& request, auto& response) {
    const std::lock_guard<std::mutex> lock(mutex);
    asked.insert(request.raw_input_contents(0));
    const auto timeout = request.parameters().find("timeout");
    if (timeout != request.parameters().end()) {
      with_timeout += timeout->second.int64_param() == 1234 ? 1 : 0;
    }
    return answer(request, response);
  };
  ExpectExactCounts(RunRequests({.concurrency = 1}, 128), 128);
  EXPECT_EQ(with_timeout, 128);
  EXPECT_EQ(asked.size(), 64U);
}

TEST_P(LoadGeneratorTest, FailsIfTheModelRefusesTheRows) {
  options_.request_options.rows = 5;
  const auto client = Client::Create(server_.address());
  const auto generator = LoadGenerator::Create(*client->Metadata("doubler"), options_);
  EXPECT_TRUE(absl::IsInvalidArgument(generator.status())) << generator.status();
  EXPECT_THAT(generator.status().message(), HasSubstr("more than 4 rows"));
}

INSTANTIATE_TEST_SUITE_P(CallsAndStreams, LoadGeneratorTest, ::testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Streams" : "Calls"; });

class LoadGeneratorStreamTest : public LoadGeneratorTest {};

TEST_P(LoadGeneratorStreamTest, ReopensAStreamThatBreaks) {
  server_.answers_of_a_stream = 10;
  const LoadResult result = RunRequests({.concurrency = 1}, 110);
  ExpectExactCounts(result, 110);
  // The eleventh request on each stream breaks it.
  EXPECT_THAT(result.errors, ElementsAre(Pair(grpc::StatusCode::UNAVAILABLE, 10)));
  EXPECT_EQ(result.first_error, "the stream breaks");
}

TEST_P(LoadGeneratorStreamTest, CountsEveryRequestLostWithAStream) {
  server_.answers_of_a_stream = 10;
  const LoadResult result = RunRequests({.concurrency = 7}, 300);
  ExpectExactCounts(result, 300);
  EXPECT_GT(result.errors.at(grpc::StatusCode::UNAVAILABLE), 0);
}

INSTANTIATE_TEST_SUITE_P(Streams, LoadGeneratorStreamTest, ::testing::Values(true));

TEST(LoadGeneratorOptionsTest, AreRefusedIfTheyContradictEachOther) {
  const ModelMetadata model;
  const LoadOptions right{.address = "127.0.0.1:1"};
  LoadOptions more_threads = right;
  more_threads.threads = 2;
  LoadOptions no_rows = right;
  no_rows.request_options.rows = 0;
  LoadOptions deadline_of_a_stream = right;
  deadline_of_a_stream.stream = true;
  deadline_of_a_stream.deadline = std::chrono::milliseconds(5);
  LoadOptions no_address = right;
  no_address.address = "nowhere";
  for (const LoadOptions& options : {more_threads, no_rows, deadline_of_a_stream, no_address}) {
    EXPECT_TRUE(absl::IsInvalidArgument(LoadGenerator::Create(model, options).status()));
  }
}

TEST(LoadGeneratorDeadlineTest, CountsRequestsThatAreNotAnsweredInTime) {
  FakeServer server;
  server.ServeDoubler();
  const std::shared_ptr<Gate> gate = PutGateBefore(server);
  LoadOptions options{.address = server.address()};
  options.deadline = std::chrono::milliseconds(20);
  const auto client = Client::Create(server.address());
  const auto generator = LoadGenerator::Create(*client->Metadata("doubler"), options);
  ASSERT_TRUE(generator.ok()) << generator.status();
  const LoadStop stop;
  const LoadResult result = (*generator)->Run({.concurrency = 2}, {std::chrono::hours(1), 6}, stop);
  gate->open = true;
  ExpectExactCounts(result, 6);
  EXPECT_THAT(result.errors, ElementsAre(Pair(grpc::StatusCode::DEADLINE_EXCEEDED, 6)));
}

}  // namespace
}  // namespace mlp
