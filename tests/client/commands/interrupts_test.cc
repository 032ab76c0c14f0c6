#include "client/commands/interrupts.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <csignal>

namespace mlp {
namespace {

TEST(InterruptsTest, ReportsEachSignalOnce) {
  Interrupts interrupts;
  EXPECT_FALSE(interrupts.Take());
  for (const int signal : {SIGINT, SIGTERM}) {
    ASSERT_EQ(pthread_kill(pthread_self(), signal), 0);
    EXPECT_TRUE(interrupts.Take());
    EXPECT_FALSE(interrupts.Take());
  }
}

TEST(InterruptsTest, AlsoReportsTheGivenSignals) {
  Interrupts interrupts({SIGQUIT});
  for (const int signal : {SIGQUIT, SIGINT}) {
    ASSERT_EQ(pthread_kill(pthread_self(), signal), 0);
    EXPECT_TRUE(interrupts.Take());
  }
}

TEST(InterruptsTest, DiscardsPendingSignalsAtItsEnd) {
  {
    const Interrupts interrupts;
    ASSERT_EQ(pthread_kill(pthread_self(), SIGINT), 0);
  }
  sigset_t blocked;
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &blocked), 0);
  EXPECT_EQ(sigismember(&blocked, SIGINT), 0);
}

}  // namespace
}  // namespace mlp
