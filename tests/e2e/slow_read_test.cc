// A server that is too busy to read a new connection within --handshake-ms.

#include <gtest/gtest.h>

#include "tests/e2e/http2_connection.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

// The client did its part in time: it acknowledged the settings.
TEST(SlowReadTest, AConnectionThatWaitsForTheServerIsServed) {
  const auto server = ServerProcess::StartOnSampleModels({"--handshake-ms", "2000"},
                                                         {{"LD_PRELOAD", MLP_SLOW_READ}});
  if (!server.ok() && ServerProcess::IsOfAnotherBuild()) {
    GTEST_SKIP() << "its sanitizer wants to be loaded first: " << server.status();
  }
  ASSERT_TRUE(server.ok()) << server.status();
  Http2Connection connection((*server)->grpc_port());
  EXPECT_TRUE(connection.IsServed()) << (*server)->log();
}

}  // namespace
}  // namespace mlp
