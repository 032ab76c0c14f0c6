// The command infer against a server that doubles its rows, or whatever else the test lets it
// serve.

#ifndef MLP_TESTS_CLIENT_COMMANDS_INFER_TEST_H_
#define MLP_TESTS_CLIENT_COMMANDS_INFER_TEST_H_

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"
#include "tests/temporary_folder.h"

namespace mlp {

class InferTest : public ::testing::Test {
 protected:
  InferTest() { server_.ServeDoubler(); }

  CommandOutcome Infer(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), {"infer", "doubler", "--address", server_.address()});
    return RunCommand(arguments, input);
  }

  // Writes a file of this test and returns its path.
  std::string File(const std::string& name, const std::string& contents) const {
    std::string path = (folder_.path() / name).string();
    std::ofstream(path, std::ios::binary) << contents;
    return path;
  }

  const TemporaryFolder folder_;
  FakeServer server_;
};

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_COMMANDS_INFER_TEST_H_
