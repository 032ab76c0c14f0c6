// The audit's thread without memory, and the allocations of a call.

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/sha256.h"
#include "server/access/audit_log.h"
#include "server/access/call_gate.h"
#include "tests/allocation_counter.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

// Lets every allocation of the writing thread fail from its first line on.
class LastLineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  int lines() const { return lines_.load(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& /*message*/) override {
    lines_.fetch_add(1);
    failing_.emplace(0);
  }
  void flush_() override {}

 private:
  std::atomic<int> lines_ = 0;
  std::optional<FailingAllocations> failing_;
};

AuditRecord LongRecord() {
  return {std::string(100, 'w'), std::string(100, 'f'),
          std::string(100, 'c'), "digits",
          absl::OkStatus(),      true};
}

TEST(AuditAllocationTest, DropsALineWithoutMemoryForItAndContinues) {
  const auto sink = std::make_shared<LastLineSink>();
  spdlog::logger log("test", sink);
  AuditLog audit(log);
  audit.Record(LongRecord());
  ASSERT_TRUE(Eventually([&] { return sink->lines() == 1; }));
  audit.Record(LongRecord());
  EXPECT_TRUE(Eventually([&] { return audit.left_out() == 1; }));
  audit.Record(LongRecord());
  EXPECT_TRUE(Eventually([&] { return audit.left_out() == 2; }));
  EXPECT_EQ(sink->lines(), 1);
}

TEST(AuditAllocationTest, DoesNotGrowWithTheNumberOfCallers) {
  const auto allocations = [](int callers) {
    std::string text;
    for (int i = 0; i < callers; ++i) {
      absl::StrAppend(&text, "name=c", i,
                      " role=infer models=* sha256=", Sha256(absl::StrCat("token", i)), "\n");
    }
    spdlog::logger log("test");
    AuditLog audit(log);
    Access access(/*plaintext_tokens=*/true);
    access.Take(std::make_shared<const AccessList>(*AccessList::Parse(text)));
    CallGate gate({.asks_callers = true}, access, audit);
    const absl::string_view values[] = {"Bearer token0"};
    const auto call = [&] {
      CallAttempt attempt;
      attempt.credentials.authorization = values;
      const absl::StatusOr<CallPass> pass = gate.Admit(std::move(attempt), Role::kInfer, "call");
      EXPECT_TRUE(pass.ok());
    };
    call();  // libcrypto allocates at its first use
    const AllocationCounter counter;
    call();
    return counter.Read().count;
  };
  EXPECT_EQ(allocations(1), 0);
  EXPECT_EQ(allocations(4096), 0);
}

}  // namespace
}  // namespace mlp
