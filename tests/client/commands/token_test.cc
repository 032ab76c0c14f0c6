#include "client/commands/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "client/credentials.h"
#include "server/access/access_list.h"
#include "tests/bytes_of_file.h"
#include "tests/client/credential_files.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

mode_t ModeOf(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
}

TEST(TokenCommandTest, PrintsTheTokenAndTheServersLineSeparately) {
  const CommandOutcome outcome =
      RunCommand({"token", "new", "--name", "ci", "--role", "infer", "--expires", "90d"});
  ASSERT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  ASSERT_THAT(outcome.out, StartsWith("mlp_"));
  const auto list = AccessList::Parse(outcome.err);
  ASSERT_TRUE(list.ok()) << list.status() << " of " << outcome.err;
  const std::string token = outcome.out.substr(0, outcome.out.size() - 1);
  ASSERT_NE(list->OfToken(token), nullptr);
  EXPECT_TRUE(list->OfToken(token)->expires.has_value());
  EXPECT_EQ(outcome.err.find(token), std::string::npos);
}

TEST(TokenCommandTest, WritesTwoFilesThatClientAndServerCanRead) {
  const CredentialFiles files;
  const std::string list_path =
      files.Write("tokens", "# callers\nname=a role=admin models=* cn=a", 0640);
  const std::string token_path = files.Path("ci.token");
  const CommandOutcome outcome =
      RunCommand({"token", "new", "--name", "ci", "--role", "infer", "--models", "digits-*",
                  "--output", token_path, "--append", list_path});
  ASSERT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(ModeOf(token_path), mode_t{0600});
  const auto token = ReadClientToken(token_path);
  ASSERT_TRUE(token.ok()) << token.status();
  const auto list = AccessList::Parse(BytesOfFile(list_path));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->size(), 2u) << "the line that had no end is a line of its own";
  ASSERT_NE(list->OfToken(*token), nullptr);

  // A second token for the same caller, as for rotation.
  const std::string next = files.Path("next.token");
  ASSERT_EQ(RunCommand({"token", "new", "--name", "ci", "--role", "infer", "--output", next,
                        "--append", list_path})
                .exit_code,
            kExitDone);
  const auto both = AccessList::Parse(BytesOfFile(list_path));
  EXPECT_NE(both->OfToken(*token), nullptr);
  EXPECT_NE(both->OfToken(*ReadClientToken(next)), nullptr);
}

TEST(TokenCommandTest, MakesNoTokenIfAFileCannotBeWritten) {
  const CredentialFiles files;
  const std::string token_path = files.Path("ci.token");
  const CommandOutcome no_list =
      RunCommand({"token", "new", "--name", "ci", "--role", "infer", "--output", token_path,
                  "--append", files.Path("no/such/folder")});
  EXPECT_EQ(no_list.exit_code, kExitError);
  EXPECT_EQ(ModeOf(token_path), mode_t{0}) << "the token's file is there";

  files.Write("ci.token", "an old one");
  const std::string list_path = files.Path("tokens");
  const CommandOutcome existing = RunCommand({"token", "new", "--name", "ci", "--role", "infer",
                                              "--output", token_path, "--append", list_path});
  EXPECT_EQ(existing.exit_code, kExitError);
  EXPECT_THAT(existing.err, HasSubstr("ALREADY_EXISTS"));
  EXPECT_EQ(BytesOfFile(token_path), "an old one");
  EXPECT_EQ(ModeOf(list_path), mode_t{0}) << "the list has a line of no token";

  const CommandOutcome printed = RunCommand({"token", "new", "--name", "ci", "--role", "infer",
                                             "--append", files.Path("no/such/folder")});
  EXPECT_EQ(printed.exit_code, kExitError);
  EXPECT_EQ(printed.out, "");
}

TEST(TokenCommandTest, RefusesArgumentsInOneLine) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"token"},
           {"token", "old"},
           {"token", "new"},
           {"token", "new", "--name", "ci"},
           {"token", "new", "--name", "c i", "--role", "infer"},
           {"token", "new", "--name", "ci", "--role", "root"},
           {"token", "new", "--name", "ci", "--role", "infer", "--expires", "never"}}) {
    const CommandOutcome outcome = RunCommand(arguments);
    EXPECT_EQ(outcome.exit_code, kExitError) << ::testing::PrintToString(arguments);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith("mlp-client: "));
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
  }
}

}  // namespace
}  // namespace mlp
