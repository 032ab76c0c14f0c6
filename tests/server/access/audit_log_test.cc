#include "server/access/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/server/log_lines.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

AuditRecord LoadBy(const std::string& who, const absl::Status& result) {
  return {who, "10.0.0.5:4711", "RepositoryModelLoad", "digits", result, true};
}

// How many lines contain `part`.
int LinesWith(const std::string& text, const std::string& part) {
  int lines = 0;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) lines += absl::StrContains(line, part) ? 1 : 0;
  return lines;
}

// The sum of the numbers in front of `words`.
int SumBefore(const std::string& text, const std::string& words) {
  int sum = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    sum += std::stoi(text.substr(text.rfind(' ', at - 1) + 1));
  }
  return sum;
}

// Blocks at the first line until LetGo, like a standard error that nobody reads.
class StuckSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void LetGo() { let_go_.set_value(); }
  int lines() const { return lines_.load(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& /*message*/) override {
    is_let_go_.wait();
    lines_.fetch_add(1);
  }
  void flush_() override {}

 private:
  std::promise<void> let_go_;
  const std::shared_future<void> is_let_go_ = let_go_.get_future();
  std::atomic<int> lines_ = 0;
};

TEST(AuditLogTest, RecordsCallerAddressCallAndResult) {
  EXPECT_EQ(AuditLine(LoadBy("ops", absl::OkStatus())),
            "audit who=ops from=10.0.0.5:4711 call=RepositoryModelLoad model='digits' "
            "result=OK");
  EXPECT_EQ(AuditLine({"", "", "LogSettings", "", absl::PermissionDeniedError("not so")}),
            "audit who=- from=- call=LogSettings result=PERMISSION_DENIED: not so");
}

TEST(AuditLogTest, EscapesTheNamesOfModels) {
  AuditRecord record = LoadBy("ops", absl::OkStatus());
  record.model = "a' result=OK\n audit who=x";
  EXPECT_EQ(AuditLine(record).find('\n'), std::string::npos);
}

TEST(AuditLogTest, EscapesTheNamesOfSocketsAndCallers) {
  AuditRecord record = LoadBy("ops result=OK", absl::OkStatus());
  record.from = "unix:/tmp/a who=root\x1b[2J'\n";
  EXPECT_EQ(AuditLine(record),
            "audit who='ops result=OK' from='unix:/tmp/a who=root\\x1b[2J\\'\\n' "
            "call=RepositoryModelLoad model='digits' result=OK");
}

TEST(AuditLogTest, WritesALineForEachAdminCall) {
  LogLines lines;
  {
    AuditLog audit(lines.logger());
    for (int i = 0; i < 1000; ++i) audit.Record(LoadBy(absl::StrCat("ops", i), absl::OkStatus()));
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(lines.text(), HasSubstr(absl::StrCat("info audit who=ops", i, " ")));
  }
}

TEST(AuditLogTest, WritesAFewLinesForUnknownCallersAndFailedCallsAndCountsTheRest) {
  for (const bool is_known : {true, false}) {
    LogLines lines;
    std::int64_t left_out = 0;
    {
      AuditLog audit(lines.logger(), std::chrono::hours(1));
      for (int i = 0; i < 1000; ++i) {
        AuditRecord record = LoadBy("one", is_known ? absl::NotFoundError("no") : absl::OkStatus());
        record.is_of_known_caller = is_known;
        audit.Record(std::move(record));
      }
      left_out = audit.left_out_by_rate();
      EXPECT_EQ(audit.left_out(), 0);
      // A successful call of a known caller has a line.
      audit.Record(LoadBy("ops", absl::OkStatus()));
    }
    const int written = LinesWith(lines.text(), "who=one");
    EXPECT_LE(written, AuditLog::kMaxBounded);
    EXPECT_EQ(written + left_out, 1000);
    EXPECT_EQ(SumBefore(lines.text(), " more admin calls failed or came from unknown callers"),
              left_out);
    EXPECT_EQ(LinesWith(lines.text(), "who=ops"), 1);
  }
}

TEST(AuditLogTest, DelaysNoCallerAndBoundsMemoryIfTheLogIsNotRead) {
  const auto sink = std::make_shared<StuckSink>();
  spdlog::logger log("test", sink);
  std::int64_t left_out = 0;
  {
    AuditLog audit(log);
    constexpr int kCalls = 3 * static_cast<int>(AuditLog::kMaxWaiting);
    for (int i = 0; i < kCalls; ++i) audit.Record(LoadBy("ops", absl::OkStatus()));
    left_out = audit.left_out();
    EXPECT_GE(left_out, static_cast<std::int64_t>(AuditLog::kMaxWaiting));
    sink->LetGo();
  }
  EXPECT_EQ(sink->lines() + left_out, 3 * static_cast<std::int64_t>(AuditLog::kMaxWaiting));
}

TEST(AuditLogTest, CountsTheRefusalsThatHaveNoLine) {
  LogLines lines;
  {
    AuditLog audit(lines.logger(), std::chrono::hours(1));
    const absl::Status refused = absl::UnauthenticatedError("no");
    for (int i = 0; i < 1000; ++i) audit.RecordRefusal(LoadBy("", refused));
    // Admin calls do not wait for the next line about refusals.
    audit.Record(LoadBy("ops", absl::OkStatus()));
  }
  int refusals = 0;
  int counted = 0;
  std::istringstream text(lines.text());
  for (std::string line; std::getline(text, line);) {
    const std::size_t found = line.find("result=UNAUTHENTICATED: no");
    if (found == std::string::npos) continue;
    ++refusals;
    ++counted;
    const std::size_t more = line.find("; ", found);
    if (more != std::string::npos) counted += std::stoi(line.substr(more + 2));
  }
  // One immediately, and one at the end.
  EXPECT_LE(refusals, 2);
  EXPECT_EQ(counted, 1000);
}

}  // namespace
}  // namespace mlp
