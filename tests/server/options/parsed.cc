#include "tests/server/options/parsed.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <utility>
#include <variant>

namespace mlp {

Parsed Parse(const std::vector<std::string>& arguments, const Variables& variables) {
  std::vector<const char*> argv = {"mlp-server"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread.
  unsetenv("MLP_EVALUATOR_THREADS");  // which the tsan preset sets
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), /*replace=*/1);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  auto result = ParseOptions(static_cast<int>(argv.size()), argv.data(), {.cpus = 3});
  Parsed parsed;
  parsed.out = ::testing::internal::GetCapturedStdout();
  parsed.err = ::testing::internal::GetCapturedStderr();
  for (const auto& [name, value] : variables) unsetenv(name.c_str());
  // NOLINTEND(concurrency-mt-unsafe)
  if (auto* options = std::get_if<ServerOptions>(&result)) {
    parsed.options = std::move(*options);
  } else {
    parsed.exit_code = std::get<int>(result);
  }
  return parsed;
}

ConfigFile::ConfigFile(const std::string& lines) { std::ofstream(path()) << lines; }

}  // namespace mlp
