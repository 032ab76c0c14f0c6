#include "server/rest/connection_times.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "server/sockets/owned_descriptor.h"

namespace mlp {
namespace {

// The two ends of a connection.
std::pair<OwnedDescriptor, OwnedDescriptor> Connected() {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  return {OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1])};
}

TEST(ConnectionTimesTest, ShutsDownOverdueConnections) {
  const auto [ours, theirs] = Connected();
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

TEST(ConnectionTimesTest, ShortensTimeoutsWhileOthersAreRefused) {
  const auto [ours, theirs] = Connected();
  ConnectionTimes times;
  const auto now = ConnectionTimes::Clock::now();
  times.Set(ours.get(), {now + std::chrono::seconds(60), now + std::chrono::seconds(2)});
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now + std::chrono::seconds(3)), 0);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/true, now + std::chrono::seconds(1)), 0);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/true, now + std::chrono::seconds(3)), 1);
}

TEST(ConnectionTimesTest, DoesNotWaitForTheRestFromADisconnectedClient) {
  const auto [ours, theirs] = Connected();
  ConnectionTimes times;
  const auto now = ConnectionTimes::Clock::now();
  const ConnectionTimes::Deadline reading = {.at = now + std::chrono::seconds(60),
                                             .is_reading = true};
  const ConnectionTimes::Deadline sending = {.at = now + std::chrono::seconds(60)};
  const auto later = now + std::chrono::seconds(10);
  times.SetDisconnected(ours.get(), now);  // has no effect: this connection is not known yet
  times.Set(ours.get(), reading, now);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, later), 0);
  times.Set(ours.get(), sending, now);
  times.SetDisconnected(ours.get(), now);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, later), 0) << "its answer is on its way";
  times.Set(ours.get(), reading, now);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, now), 0) << "it may have sent all";
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, later), 1);
  // The descriptor now belongs to another connection.
  times.Remove(ours.get());
  times.Set(ours.get(), reading, now);
  EXPECT_EQ(times.CloseOverdue(/*is_short=*/false, later), 0);
}

}  // namespace
}  // namespace mlp
