// A server that is too busy to read a new connection within --handshake-ms.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/http2_connection.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

// The client did its part in time: it acknowledged the settings.
void ExpectServed(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--handshake-ms", "2000"});
  const auto server =
      ServerProcess::StartOnSampleModels(std::move(arguments), {{"LD_PRELOAD", MLP_SLOW_READ}});
  if (!server.ok() && ServerProcess::IsOfAnotherBuild()) {
    GTEST_SKIP() << "its sanitizer wants to be loaded first: " << server.status();
  }
  ASSERT_TRUE(server.ok()) << server.status();
  Http2Connection connection((*server)->grpc_port());
  EXPECT_TRUE(connection.IsServed()) << (*server)->log();
}

TEST(SlowReadTest, AConnectionThatWaitsForTheServerIsServed) { ExpectServed({}); }

TEST(SlowReadTest, AConnectionThatWaitsForAServerWithAnAdminSocketIsServed) {
  const TemporaryFolder folder;
  ExpectServed({"--admin-address", "unix:" + (folder.path() / "admin").string()});
}

}  // namespace
}  // namespace mlp
