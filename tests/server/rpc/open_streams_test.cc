#include "server/rpc/open_streams.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Opens as many as the connection may have.
std::vector<OpenStream> OpenAll(OpenStreams& streams, const std::string& connection) {
  std::vector<OpenStream> open;
  while (std::optional<OpenStream> stream = streams.Enter(connection)) {
    open.push_back(*std::move(stream));
  }
  return open;
}

TEST(OpenStreamsTest, RefusesStreamsBeyondAConnectionsShareUntilOthersEnd) {
  OpenStreams streams(16);
  std::vector<OpenStream> first = OpenAll(streams, "a");
  EXPECT_EQ(first.size(), 4U);
  EXPECT_EQ(OpenAll(streams, "b").size(), 3U);
  first.clear();
  EXPECT_EQ(OpenAll(streams, "b").size(), 4U);
}

TEST(OpenStreamsTest, KeepsOneForEachConnection) {
  OpenStreams streams(16);
  std::vector<std::vector<OpenStream>> open;
  open.reserve(100);
  for (int i = 0; i < 100; ++i) {
    open.push_back(OpenAll(streams, absl::StrCat(i)));
    EXPECT_GE(open.back().size(), 1U);
  }
  EXPECT_EQ(OpenAll(streams, "newcomer").size(), 1U);
}

TEST(OpenStreamsTest, AcceptsAnyNumberWithoutALimit) {
  OpenStreams streams(0);
  std::vector<OpenStream> open;
  for (int i = 0; i < 1000; ++i) {
    std::optional<OpenStream> stream = streams.Enter("a");
    ASSERT_TRUE(stream.has_value());
    open.push_back(*std::move(stream));
  }
}

TEST(OpenStreamsTest, ReportsTheLimit) {
  EXPECT_EQ(OpenStreams(16).Refusal("watches").message(),
            "too many watches are open on this connection; the limit is 16 over all connections, "
            "and on one connection a quarter of what the others leave");
}

}  // namespace
}  // namespace mlp
