#include "server/rest/connection_times.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "server/sockets/owned_descriptor.h"

namespace mlp {
namespace {

TEST(ConnectionTimesTest, ShutsDownThoseWhoseTimeIsOver) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const OwnedDescriptor ours(ends[0]);
  const OwnedDescriptor theirs(ends[1]);
  ConnectionTimes times;
  const auto now = ConnectionTimes::Clock::now();
  times.Set(ours.get(), {now});
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now), 0);
  times.Set(ours.get(), {now + std::chrono::seconds(1)});
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now + std::chrono::seconds(1)), 0);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now + std::chrono::seconds(2)), 1);
  char byte = 0;
  EXPECT_EQ(recv(theirs.get(), &byte, 1, 0), 0);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now + std::chrono::seconds(3)), 0);  // once
  times.Set(ours.get(), {now});
  times.Remove(ours.get());
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now + std::chrono::seconds(3)), 0);
}

TEST(ConnectionTimesTest, HasLessPatienceWhereOthersAreRefused) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const OwnedDescriptor ours(ends[0]);
  const OwnedDescriptor theirs(ends[1]);
  ConnectionTimes times;
  const auto now = ConnectionTimes::Clock::now();
  times.Set(ours.get(), {now + std::chrono::seconds(60), now + std::chrono::seconds(2)});
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now + std::chrono::seconds(3)), 0);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/true, now + std::chrono::seconds(1)), 0);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/true, now + std::chrono::seconds(3)), 1);
}

}  // namespace
}  // namespace mlp
