#include "server/rpc/request_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/batching/admission_control.h"
#include "server/rpc/batch_scheduler.h"
#include "server/rpc/message_bytes.h"
#include "tests/server/log_lines.h"
#include "tests/server/rpc/fake_call.h"
#include "tests/server/small_model.h"
#include "tests/server/small_request.h"

namespace mlp {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

RequestRecord SlowRecord() {
  RequestRecord record;
  record.rows = 64;
  record.total = microseconds(1'234'500);
  record.queue = microseconds(1'200'100);
  record.compute = microseconds(30'200);
  record.batch_rows = 512;
  return record;
}

TEST(RequestLineTest, SaysWhereTheTimeOfASlowRequestWent) {
  EXPECT_EQ(RequestLine(SlowRecord(), 0),
            "slow request: rows=64 code=OK total_ms=1234.500 queue_ms=1200.100 compute_ms=30.200 "
            "batch_rows=512");
}

TEST(RequestLineTest, ShowsTheTraceTheIdAndTheNumberOfOmittedLines) {
  RequestRecord record = SlowRecord();
  record.trace = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736};
  record.id = "r-7";
  EXPECT_THAT(RequestLine(record, 17),
              EndsWith(" trace_id=4bf92f3577b34da6a3ce929d0e0e4736 request_id=r-7 left_out=17"));
}

TEST(RequestLineTest, SaysWhyARequestFailed) {
  RequestRecord record;
  record.total = microseconds(20);
  record.status = absl::InvalidArgumentError("input 'x' has shape [1,3]");
  EXPECT_EQ(RequestLine(record, 0),
            "failed request: code=INVALID_ARGUMENT total_ms=0.020 "
            "error=\"input 'x' has shape [1,3]\"");
}

struct IdCase {
  std::string id;
  std::string expected;
};

// A client must not be able to forge a word or a line.
TEST(RequestLineTest, QuotesWhatAClientSends) {
  for (const auto& [id, expected] :
       {IdCase{"a b", "\"a b\""}, IdCase{"\\'\"", "\"\\\\'\\\"\""},
        IdCase{"x\" code=OK", "\"x\\\" code=OK\""},
        IdCase{"a\nslow request:", "\"a\\nslow request:\""}, IdCase{"é€", "\"é€\""},
        IdCase{"\x1b[31m", "\"\\033[31m\""}, IdCase{"\xff", "\"\xff\""},
        IdCase{std::string(1'000, 'i'), std::string(128, 'i')}}) {
    RequestRecord record = SlowRecord();
    record.id = id;
    const std::string line = RequestLine(record, 0);
    if (id == "\xff") {
      // The log itself replaces bytes that are not UTF-8.
      EXPECT_THAT(line, HasSubstr(" request_id=\""));
      continue;
    }
    EXPECT_THAT(line, EndsWith(absl::StrCat(" request_id=", expected)));
  }
}

class RequestLogTest : public ::testing::Test {
 protected:
  // Reports a request and returns whether a line was due.
  static bool Tell(RequestLog& log, milliseconds total, absl::Status status = absl::OkStatus()) {
    if (!log.Wants(total, status.code())) return false;
    RequestRecord record;
    record.total = total;
    record.status = std::move(status);
    log.Write(std::move(record));
    return true;
  }

  LogLines lines_;
  LogLevels levels_{spdlog::level::info};
};

TEST_F(RequestLogTest, ReportsOnlySlowAndFailedRequests) {
  {
    RequestLog log(lines_.logger(), levels_, milliseconds(100), nanoseconds(0));
    EXPECT_FALSE(Tell(log, milliseconds(99)));
    EXPECT_TRUE(Tell(log, milliseconds(100)));
    EXPECT_TRUE(Tell(log, milliseconds(0), absl::InvalidArgumentError("wrong")));
  }
  EXPECT_THAT(lines_.text(), HasSubstr("warning slow request: code=OK total_ms=100.000\n"));
  EXPECT_THAT(lines_.text(), HasSubstr("info failed request: code=INVALID_ARGUMENT"));
}

TEST_F(RequestLogTest, HasSeparateLinesForClientErrors) {
  {
    RequestLog log(lines_.logger(), levels_, milliseconds(100), hours(1));
    for (int i = 0; i < 10; ++i) Tell(log, milliseconds(0), absl::NotFoundError("what?"));
    EXPECT_TRUE(Tell(log, milliseconds(100)));
    EXPECT_FALSE(Tell(log, milliseconds(200)));
    EXPECT_FALSE(Tell(log, milliseconds(0), absl::InternalError("ours")));
  }
  EXPECT_THAT(lines_.text(), Not(HasSubstr("INTERNAL")));
}

TEST_F(RequestLogTest, SaysHowManyItLeftOut) {
  {
    RequestLog log(lines_.logger(), levels_, milliseconds(1), milliseconds(1));
    int left_out = 0;
    // Until a line follows one that was left out. Time passes by itself.
    for (int logged = 0; logged < 2 || left_out == 0;) {
      Tell(log, milliseconds(5)) ? ++logged : ++left_out;
    }
    while (!Tell(log, milliseconds(5))) {
    }
  }
  EXPECT_THAT(lines_.text(), HasSubstr(" left_out="));
}

TEST_F(RequestLogTest, IsOffAtAThresholdOfZero) {
  {
    RequestLog log(lines_.logger(), levels_, milliseconds(0));
    EXPECT_FALSE(Tell(log, hours(1)));
    EXPECT_FALSE(Tell(log, milliseconds(0), absl::InternalError("ours")));
  }
  EXPECT_EQ(lines_.text(), "");
}

TEST_F(RequestLogTest, OmitsLinesThatTheLogDoesNotShow) {
  levels_.Show(spdlog::level::info, false);
  RequestLog log(lines_.logger(), levels_, milliseconds(1));
  EXPECT_FALSE(Tell(log, milliseconds(0), absl::NotFoundError("what?")));
  EXPECT_TRUE(Tell(log, milliseconds(1)));
}

TEST_F(RequestLogTest, ManyThreadsLoseNoRequest) {
  constexpr int kThreads = 4;
  constexpr int kRequests = 5'000;
  {
    RequestLog log(lines_.logger(), levels_, milliseconds(1), milliseconds(1));
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&log] {
        for (int request = 0; request < kRequests; ++request) Tell(log, milliseconds(1));
      });
    }
    for (std::thread& thread : threads) thread.join();
    while (!Tell(log, milliseconds(1))) {
    }
  }
  EXPECT_THAT(lines_.text(), StartsWith("warning slow request: "));
}

// Through the scheduler, like every request.
class LoggedRequestTest : public RequestLogTest {
 protected:
  LoggedRequestTest() { catalog_.Publish(SmallModelTable(arena_, metrics_)); }

  // Longer than a busy machine takes for a request, so only one that arrived before is slow.
  static constexpr milliseconds kSlow{100'000};
  static constexpr milliseconds kLongAgo{500'000};

  // The line about a request that arrived this long ago.
  std::string LineOf(const inference::ModelInferRequest& message, milliseconds ago) {
    {
      RequestLog log(lines_.logger(), levels_, kSlow);
      BatchScheduler scheduler(catalog_, {admission_, answers_, &log}, busy_, metrics_);
      grpc::ByteBuffer bytes;
      EXPECT_TRUE(EncodeMessage(message, bytes).ok());
      FakeCall call;
      call.slot.SetTraceOf([] { return TraceId{0xa, 0xb}; });
      const auto now = BatchScheduler::Clock::now();
      scheduler.Submit(bytes,
                       {now - ago, now, BatchScheduler::Clock::time_point::max(),
                        [] { return std::string("peer"); }},
                       call.slot);
      scheduler.EvaluateRound(now);
      EXPECT_TRUE(call.slot.answered());
    }
    return lines_.text();
  }

  static inference::ModelInferRequest Request(std::int64_t rows) {
    inference::ModelInferRequest message = SmallRequest(rows);
    message.set_model_name("small");
    message.set_id("seven 7");
    return message;
  }

  Metrics metrics_{0.01, ActivityWindow{1'000}};
  tbb::task_arena arena_{1};
  ModelCatalog catalog_{metrics_};
  BusyThreads busy_;
  AdmissionControl admission_{AdmissionOptions()};
  AnswerBudget answers_{std::int64_t{256} << 20};
};

TEST_F(LoggedRequestTest, IsSlowFromItsArrivalOn) {
  EXPECT_THAT(LineOf(Request(3), kLongAgo),
              MatchesRegex("warning slow request: model=small version=1 rows=3 code=OK "
                           "total_ms=5[0-9]+\\.[0-9]+ queue_ms=5[0-9]+\\.[0-9]+ "
                           "compute_ms=[0-9]+\\.[0-9]+ batch_rows=3 "
                           "trace_id=000000000000000a000000000000000b request_id=\"seven 7\"\n"));
}

TEST_F(LoggedRequestTest, ShowsWhatItsModelsLayersDidInTheLastWindow) {
  // The inputs are zeros, so both ReLU units of the hidden layer are in their lower tail. The
  // window is full.
  EXPECT_THAT(LineOf(Request(1'000), kLongAgo),
              HasSubstr(" hidden_1_lower=1.0000 hidden_1_upper=0.0000 output_lower="));
}

TEST_F(LoggedRequestTest, HasNoLineIfItIsFast) {
  EXPECT_EQ(LineOf(Request(3), milliseconds(0)), "");
}

TEST_F(LoggedRequestTest, ReportsWhyItFailed) {
  inference::ModelInferRequest message = Request(3);
  message.mutable_inputs(0)->set_shape(1, 5);
  EXPECT_THAT(LineOf(message, milliseconds(0)),
              MatchesRegex("info failed request: model=small version=1 code=INVALID_ARGUMENT "
                           "total_ms=[0-9.]+ trace_id=000000000000000a000000000000000b "
                           "request_id=\"seven 7\" error=\"input .*\n"));
}

TEST_F(LoggedRequestTest, ReportsThatItNamesNoModel) {
  inference::ModelInferRequest message = Request(3);
  message.set_model_name("unknown");
  const std::string line = LineOf(message, milliseconds(0));
  EXPECT_THAT(line, StartsWith("info failed request: code=NOT_FOUND total_ms="));
  EXPECT_TRUE(absl::StrContains(line, "unknown")) << line;
}

}  // namespace
}  // namespace mlp
