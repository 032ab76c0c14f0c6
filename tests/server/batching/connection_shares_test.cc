#include "server/batching/connection_shares.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Takes as many, one after the other, as the connection may have.
int TakeAll(ConnectionShares& shares, const std::string& connection) {
  int taken = 0;
  while (shares.Take(connection, 1)) ++taken;
  return taken;
}

TEST(ConnectionSharesTest, GiveEachConnectionAQuarterOfWhatTheOthersLeave) {
  ConnectionShares shares(1024, 1);
  EXPECT_EQ(TakeAll(shares, "a"), 256);
  EXPECT_EQ(TakeAll(shares, "b"), 192);
  EXPECT_EQ(TakeAll(shares, "c"), 144);
  EXPECT_EQ(shares.total(), 256 + 192 + 144);
  shares.GiveBack("b", 192);
  EXPECT_EQ(shares.total(), 256 + 144);
  EXPECT_EQ(TakeAll(shares, "d"), (1024 - 256 - 144) / 4);
}

TEST(ConnectionSharesTest, LeaveEachOfManyConnectionsTheMinimum) {
  ConnectionShares shares(1024, 2);
  for (int i = 0; i < 1000; ++i) EXPECT_GE(TakeAll(shares, absl::StrCat(i)), 2);
  EXPECT_GT(shares.total(), 1024);
  EXPECT_EQ(TakeAll(shares, "newcomer"), 2);
}

TEST(ConnectionSharesTest, LetAConnectionBeginWithHalfOfWhatTheOthersLeave) {
  ConnectionShares shares(1024, 1);
  EXPECT_TRUE(shares.Take("a", 400));
  EXPECT_FALSE(shares.Take("a", 1));
  EXPECT_FALSE(shares.Take("b", 313));
  EXPECT_TRUE(shares.Take("b", 312));
  EXPECT_FALSE(shares.Take("b", 1));
}

TEST(ConnectionSharesTest, AdmitAnythingWhileNothingIsHeld) {
  ConnectionShares shares(1024, 1);
  EXPECT_FALSE(shares.Take("a", 5000, /*unnamed=*/1));
  EXPECT_TRUE(shares.Take("a", 5000));
  EXPECT_TRUE(shares.Take("b", 1));
  EXPECT_FALSE(shares.Take("b", 1));
  shares.GiveBack("a", 5000);
  EXPECT_TRUE(shares.Take("b", 1));
}

TEST(ConnectionSharesTest, CountWhatUnknownConnectionsHold) {
  ConnectionShares shares(1024, 1);
  EXPECT_TRUE(shares.Take("a", 1));
  EXPECT_FALSE(shares.Take("a", 128, /*unnamed=*/512));
  EXPECT_TRUE(shares.Take("a", 127, /*unnamed=*/512));
}

}  // namespace
}  // namespace mlp
