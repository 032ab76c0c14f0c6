// Runs mlp-client in this process.

#ifndef MLP_TESTS_CLIENT_RUN_COMMAND_H_
#define MLP_TESTS_CLIENT_RUN_COMMAND_H_

#include <sstream>
#include <string>
#include <vector>

#include "client/program.h"

namespace mlp {

struct CommandOutcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

inline CommandOutcome RunCommand(const std::vector<std::string>& arguments,
                                 const std::string& input = "") {
  std::vector<const char*> argv = {"mlp-client"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  CommandOutcome outcome;
  outcome.exit_code = RunProgram(static_cast<int>(argv.size()), argv.data(), {in, out, err});
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

}  // namespace mlp

#endif  // MLP_TESTS_CLIENT_RUN_COMMAND_H_
