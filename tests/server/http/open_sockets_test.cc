#include "server/http/open_sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <vector>

namespace mlp {
namespace {

using std::chrono::seconds;

// Pairs of connected sockets: `sockets` has one end, and the other end shows whether it is shut
// down.
class OpenSocketsTest : public ::testing::Test {
 protected:
  ~OpenSocketsTest() override {
    for (const std::array<int, 2>& pair : pairs_) {
      close(pair[0]);
      close(pair[1]);
    }
  }

  // Returns the number of the connection.
  std::size_t Open(OpenSockets::Clock::time_point now) {
    std::array<int, 2> pair{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    pairs_.push_back(pair);
    sockets_.Add(pair[0], now);
    return pairs_.size() - 1;
  }

  int Descriptor(std::size_t connection) const { return pairs_[connection][0]; }

  bool IsShutDown(std::size_t connection) const {
    char byte = 0;
    return recv(pairs_[connection][1], &byte, 1, MSG_DONTWAIT) == 0;
  }

  const OpenSockets::Clock::time_point start_ = OpenSockets::Clock::now();
  OpenSockets sockets_;
  std::vector<std::array<int, 2>> pairs_;
};

TEST_F(OpenSocketsTest, ASocketWithoutARequestIsClosed) {
  const std::size_t slow = Open(start_);
  const std::size_t asks = Open(start_);
  sockets_.RequestCame(Descriptor(asks));
  EXPECT_EQ(sockets_.CloseOverdue(start_ + OpenSockets::kLongestRequest), 0);
  EXPECT_EQ(sockets_.CloseOverdue(start_ + OpenSockets::kLongestRequest + seconds(1)), 1);
  EXPECT_TRUE(IsShutDown(slow));
  EXPECT_FALSE(IsShutDown(asks));
}

TEST_F(OpenSocketsTest, TheNextRequestHasItsOwnTime) {
  const std::size_t connection = Open(start_);
  sockets_.RequestCame(Descriptor(connection));
  sockets_.Answered(Descriptor(connection), start_ + seconds(5));
  EXPECT_EQ(sockets_.CloseOverdue(start_ + OpenSockets::kLongestRequest + seconds(4)), 0);
  EXPECT_EQ(sockets_.CloseOverdue(start_ + OpenSockets::kLongestRequest + seconds(6)), 1);
  EXPECT_TRUE(IsShutDown(connection));
}

TEST_F(OpenSocketsTest, NoSocketStaysOpenLongerThanTheLimit) {
  const std::size_t old = Open(start_);
  sockets_.RequestCame(Descriptor(old));
  const std::size_t young = Open(start_ + seconds(25));
  EXPECT_EQ(sockets_.CloseOverdue(start_ + OpenSockets::kLongest), 0);
  EXPECT_EQ(sockets_.CloseOverdue(start_ + OpenSockets::kLongest + seconds(1)), 1);
  EXPECT_TRUE(IsShutDown(old));
  EXPECT_FALSE(IsShutDown(young));
  EXPECT_EQ(sockets_.CloseOverdue(start_ + OpenSockets::kLongest + seconds(1)), 0) << "once each";
}

TEST_F(OpenSocketsTest, TheOldestSocketsAreClosedToMakeRoom) {
  for (int i = 0; i < 16; ++i) Open(start_);
  EXPECT_EQ(sockets_.MakeRoom(32), 0);
  EXPECT_EQ(sockets_.MakeRoom(16), 3) << "an eighth of the places is free, and one";
  EXPECT_TRUE(IsShutDown(2));
  EXPECT_FALSE(IsShutDown(3));
  EXPECT_EQ(sockets_.CloseOldest(), 1);
  EXPECT_TRUE(IsShutDown(3));
}

TEST_F(OpenSocketsTest, ARemovedSocketIsNotClosed) {
  const std::size_t gone = Open(start_);
  sockets_.Remove(Descriptor(gone));
  sockets_.RequestCame(Descriptor(gone));
  sockets_.Answered(Descriptor(gone), start_);
  EXPECT_EQ(sockets_.Close(Descriptor(gone)), 0);
  EXPECT_EQ(sockets_.CloseOldest(), 0);
  EXPECT_EQ(sockets_.CloseOverdue(start_ + seconds(100)), 0);
  EXPECT_FALSE(IsShutDown(gone));
  sockets_.Remove(Descriptor(gone));  // again
}

TEST_F(OpenSocketsTest, AChosenSocketIsClosed) {
  Open(start_);
  const std::size_t chosen = Open(start_);
  EXPECT_EQ(sockets_.Close(Descriptor(chosen)), 1);
  EXPECT_EQ(sockets_.Close(Descriptor(chosen)), 0) << "once";
  EXPECT_TRUE(IsShutDown(chosen));
  EXPECT_FALSE(IsShutDown(0));
}

}  // namespace
}  // namespace mlp
