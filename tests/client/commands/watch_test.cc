#include "client/commands/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <string>

#include "tests/client/commands/pseudo_terminal.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"
#include "tests/client/watch/status_text.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEnterScreen[] = "\x1b[?1049h";
constexpr char kLeaveScreen[] = "\x1b[?25h\x1b[?1049l";

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() {
    server_.status = [this](const auto& request, auto& response) -> grpc::Status {
      if (fails_) return {grpc::StatusCode::UNAVAILABLE, "the server is stopping"};
      if (request.model_name() == "gone") return {grpc::StatusCode::NOT_FOUND, "not there"};
      response.set_json(kStatusText);
      return grpc::Status::OK;
    };
  }

  CommandOutcome Run(std::vector<std::string> words) {
    words.insert(words.end(), {"--address", server_.address()});
    return RunCommand(words);
  }

  // Runs mlp-client watch in a terminal.
  PseudoTerminal InTerminal(const std::vector<std::string>& environment = {"TERM=xterm"}) {
    return {MLP_CLIENT_PROGRAM,
            {"watch", "torn", "--interval", "0.1", "--address", server_.address()},
            environment};
  }

  std::atomic<bool> fails_ = false;
  FakeServer server_;
};

TEST_F(WatchTest, PrintsOnePageForAPipe) {
  const CommandOutcome all = Run({"watch", "--once"});
  EXPECT_EQ(all.exit_code, kExitDone) << all.err;
  EXPECT_THAT(all.out, HasSubstr("\ntorn        1   READY"));
  EXPECT_THAT(all.out, HasSubstr("\n  ! hidden_1 drifts since 14:02\n"));
  const CommandOutcome one = Run({"watch", "torn", "--once"});
  EXPECT_THAT(one.out, HasSubstr("\nlayer     drift"));
  for (const CommandOutcome* outcome : {&all, &one}) {
    EXPECT_THAT(outcome->out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(outcome->out, Not(HasSubstr(" \n")));
  }
}

TEST_F(WatchTest, PrintsTheServersError) {
  const CommandOutcome outcome = Run({"watch", "gone", "--once"});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_EQ(outcome.err, "mlp-client: NOT_FOUND: not there\n");
}

TEST_F(WatchTest, RequiresATerminal) {
  const CommandOutcome outcome = Run({"watch"});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, HasSubstr("standard output is not a terminal; expected --once"));
}

TEST_F(WatchTest, DrawsUntilAKeyEndsItAndRestoresTheTerminal) {
  for (const char* key : {"q", "\x03", "jjq"}) {
    PseudoTerminal terminal = InTerminal();
    ASSERT_TRUE(terminal.WaitFor("hidden_1 drifts since 14:02")) << terminal.output();
    EXPECT_THAT(terminal.output(), HasSubstr(kEnterScreen));
    EXPECT_THAT(terminal.output(), HasSubstr("\x1b[1;31m"));
    EXPECT_FALSE(terminal.IsAsBefore());
    terminal.Type(key);
    EXPECT_EQ(terminal.WaitForExit(), 0) << terminal.output();
    EXPECT_THAT(terminal.output(), HasSubstr(kLeaveScreen));
    EXPECT_TRUE(terminal.IsAsBefore());
  }
}

// Ctrl-backslash, the end of the terminal, and kill.
TEST_F(WatchTest, RestoresTheTerminalAfterAnySignal) {
  for (const int signal : {SIGQUIT, SIGHUP, SIGTERM, SIGINT}) {
    PseudoTerminal terminal = InTerminal();
    ASSERT_TRUE(terminal.WaitFor("hidden_1 drifts since 14:02")) << terminal.output();
    terminal.Signal(signal);
    EXPECT_EQ(terminal.WaitForExit(), 0) << signal;
    EXPECT_THAT(terminal.output(), HasSubstr(kLeaveScreen)) << signal;
    EXPECT_TRUE(terminal.IsAsBefore()) << signal;
  }
  PseudoTerminal terminal = InTerminal();
  ASSERT_TRUE(terminal.WaitFor("hidden_1 drifts since 14:02")) << terminal.output();
  terminal.Type("\x1c");
  EXPECT_EQ(terminal.WaitForExit(), 0) << terminal.output();
  EXPECT_THAT(terminal.output(), HasSubstr(kLeaveScreen));
}

TEST_F(WatchTest, HasNoColoursIfTheyAreDisabled) {
  PseudoTerminal terminal = InTerminal({"TERM=xterm", "NO_COLOR=1"});
  ASSERT_TRUE(terminal.WaitFor("q quits")) << terminal.output();
  EXPECT_THAT(terminal.output(), HasSubstr("hidden_1 drifts since 14:02"));
  for (const char* style : {"\x1b[1m", "\x1b[2m", "\x1b[3", "\x1b[1;", "\x1b[0m"}) {
    EXPECT_THAT(terminal.output(), Not(HasSubstr(style)));
  }
}

TEST_F(WatchTest, FollowsTheSizeOfTheTerminalAndMovesThePage) {
  PseudoTerminal terminal = InTerminal();
  ASSERT_TRUE(terminal.WaitFor("hidden_1")) << terminal.output();
  terminal.Forget();
  terminal.Resize(60, 6);
  ASSERT_TRUE(terminal.WaitFor("lines 1 to 5 of ")) << terminal.output();
  terminal.Type(" ");
  ASSERT_TRUE(terminal.WaitFor("lines 5 to 9 of ")) << terminal.output();
  terminal.Type("\x1b[A");
  ASSERT_TRUE(terminal.WaitFor("lines 4 to 8 of ")) << terminal.output();
}

TEST_F(WatchTest, SaysThatTheServerDoesNotAnswerAndAsksAgain) {
  PseudoTerminal terminal = InTerminal();
  ASSERT_TRUE(terminal.WaitFor("hidden_1")) << terminal.output();
  fails_ = true;
  ASSERT_TRUE(terminal.WaitFor("UNAVAILABLE: the server is stopping")) << terminal.output();
  fails_ = false;
  // The last page stays until a new one arrives. The footer of the new page no longer shows the
  // error.
  terminal.Forget();
  ASSERT_TRUE(terminal.WaitFor("q quits\x1b[0m\x1b[K\x1b[J")) << terminal.output();
}

TEST_F(WatchTest, RefusesTerminalsWithoutEscapeSequences) {
  PseudoTerminal terminal = InTerminal({"TERM=dumb"});
  EXPECT_EQ(terminal.WaitForExit(), 2);
  EXPECT_THAT(terminal.output(),
              HasSubstr("TERM is 'dumb': the terminal has no screen to draw on; expected --once"));
  EXPECT_TRUE(terminal.IsAsBefore());
}

}  // namespace
}  // namespace mlp
