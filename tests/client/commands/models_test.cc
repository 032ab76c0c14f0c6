#include "client/commands/models.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

class ModelsTest : public ::testing::Test {
 protected:
  ModelsTest() {
    server_.index = [](const auto& /*request*/, auto& response) {
      auto& good = *response.add_models();
      good.set_name("digits-relu");
      good.set_version("1");
      good.set_state("READY");
      auto& bad = *response.add_models();
      bad.set_name("broken");
      bad.set_version("12");
      bad.set_state("UNAVAILABLE");
      bad.set_reason("node 'a' is\ncyclic");
      return grpc::Status::OK;
    };
  }

  FakeServer server_;
};

TEST_F(ModelsTest, PrintsATable) {
  const CommandOutcome outcome = RunCommand({"models", "--address", server_.address()});
  EXPECT_EQ(outcome.exit_code, kExitDone);
  EXPECT_EQ(outcome.out,
            "name         version  state        reason\n"
            "digits-relu        1  READY\n"
            "broken            12  UNAVAILABLE  node 'a' is\\ncyclic\n");
}

TEST_F(ModelsTest, PrintsJson) {
  const CommandOutcome outcome = RunCommand({"models", "--json", "--address", server_.address()});
  const auto json = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(json.size(), 2);
  EXPECT_EQ(json[1]["name"], "broken");
  EXPECT_EQ(json[1]["version"], "12");
  EXPECT_EQ(json[1]["state"], "UNAVAILABLE");
  EXPECT_EQ(json[1]["reason"], "node 'a' is\ncyclic");
}

}  // namespace
}  // namespace mlp
