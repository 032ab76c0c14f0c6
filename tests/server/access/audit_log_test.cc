#include "server/access/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/server/log_lines.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

AuditRecord LoadBy(const std::string& who, const absl::Status& result) {
  return {who, "ipv4:10.0.0.5:4711", "RepositoryModelLoad", "digits", result};
}

TEST(AuditLogTest, SaysWhoFromWhereWhatAndWhatCameOfIt) {
  EXPECT_EQ(AuditLine(LoadBy("ops", absl::OkStatus())),
            "audit who=ops from=ipv4:10.0.0.5:4711 call=RepositoryModelLoad model='digits' "
            "result=OK");
  EXPECT_EQ(AuditLine({"", "", "LogSettings", "", absl::PermissionDeniedError("not so")}),
            "audit who=- from=- call=LogSettings result=PERMISSION_DENIED: not so");
}

TEST(AuditLogTest, ForgesNoWordsWithTheNamesOfModels) {
  AuditRecord record = LoadBy("ops", absl::OkStatus());
  record.model = "a' result=OK\n audit who=x";
  EXPECT_EQ(AuditLine(record).find('\n'), std::string::npos);
}

TEST(AuditLogTest, ForgesNoWordsWithTheNamesOfSocketsAndCallers) {
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
    for (int i = 0; i < 1000; ++i) audit.Tell(LoadBy(absl::StrCat("ops", i), absl::OkStatus()));
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(lines.text(), HasSubstr(absl::StrCat("info audit who=ops", i, " ")));
  }
}

TEST(AuditLogTest, CountsTheRefusalsThatHaveNoLine) {
  LogLines lines;
  {
    AuditLog audit(lines.logger(), std::chrono::hours(1));
    const absl::Status refused = absl::UnauthenticatedError("no");
    for (int i = 0; i < 1000; ++i) audit.TellRefusal(LoadBy("", refused));
    // Admin calls do not wait for the next such line.
    audit.Tell(LoadBy("ops", absl::OkStatus()));
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
  // One at once, and one at the end.
  EXPECT_LE(refusals, 2);
  EXPECT_EQ(counted, 1000);
}

}  // namespace
}  // namespace mlp
