#include "server/sockets/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// Lets the process open `more` further descriptors, while this object lives.
class DescriptorsLeft {
 public:
  explicit DescriptorsLeft(unsigned more) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(lowest_free);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(lowest_free) + more;
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~DescriptorsLeft() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorsLeft(const DescriptorsLeft&) = delete;
  DescriptorsLeft& operator=(const DescriptorsLeft&) = delete;

 private:
  rlimit before_{};
};

// Without the descriptor that Stop writes to, Stop would wait forever.
TEST(ListenerTest, DoesNotListenIfNoDescriptorIsLeftToStopIt) {
  const DescriptorsLeft one(1);
  const auto listener = Listener::Listen("127.0.0.1:0");
  EXPECT_EQ(listener.status().code(), absl::StatusCode::kUnavailable) << listener.status();
}

TEST(ListenerTest, StopsImmediatelyWithOneMoreDescriptor) {
  const DescriptorsLeft two(2);
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
