#include "server/sockets/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/descriptor_limit.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// The limit that lets the process open `more` further descriptors.
rlim_t LimitFor(unsigned more) {
  const int lowest_free = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(lowest_free);
  return static_cast<rlim_t>(lowest_free) + more;
}

// Without the descriptor that Stop writes to, Stop would wait forever.
TEST(ListenerTest, DoesNotListenIfNoDescriptorIsLeftToStopIt) {
  const DescriptorLimit one(LimitFor(1));
  const auto listener = Listener::Listen("127.0.0.1:0");
  EXPECT_EQ(listener.status().code(), absl::StatusCode::kUnavailable) << listener.status();
}

TEST(ListenerTest, StopsImmediatelyWithOneMoreDescriptor) {
  const DescriptorLimit two(LimitFor(2));
  const auto listener = Listener::Listen("127.0.0.1:0");
  ASSERT_TRUE(listener.ok()) << listener.status();
  (*listener)->Start([](int, int connection) { close(connection); }, [] {});
  (*listener)->Stop();
}

// On many machines this name is also ::1. There the listener used to skip the 127.0.0.1 that
// another program listens on.
TEST(ListenerTest, ListensOnAllAddressesOfANameOrOnNone) {
  const auto other = Listener::Listen("127.0.0.1:0");
  ASSERT_TRUE(other.ok()) << other.status();
  const std::string taken = absl::StrCat("localhost:", (*other)->port());
  const auto listener = Listener::Listen(taken);
  EXPECT_EQ(listener.status().code(), absl::StatusCode::kUnavailable) << listener.status();
  EXPECT_THAT(listener.status().message(),
              HasSubstr(absl::StrCat("'", taken, "': 127.0.0.1:", (*other)->port(), " is in use")));

  const auto free = Listener::Listen("localhost:0");
  ASSERT_TRUE(free.ok()) << free.status();
  EXPECT_THAT((*free)->addresses(), HasSubstr(absl::StrCat("127.0.0.1:", (*free)->port())));
}

}  // namespace
}  // namespace mlp
