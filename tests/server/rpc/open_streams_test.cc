#include "server/rpc/open_streams.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(OpenStreamsTest, RefusesThoseBeyondTheLimitUntilOthersLeave) {
  OpenStreams streams(2);
  EXPECT_TRUE(streams.Enter());
  EXPECT_TRUE(streams.Enter());
  EXPECT_FALSE(streams.Enter());
  streams.Leave();  // the one that was refused
  EXPECT_FALSE(streams.Enter());
  streams.Leave();
  streams.Leave();
  EXPECT_TRUE(streams.Enter());
}

TEST(OpenStreamsTest, TakesAnyNumberWithoutALimit) {
  OpenStreams streams(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(streams.Enter());
}

}  // namespace
}  // namespace mlp
