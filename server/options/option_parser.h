// Builds a CLI11 parser from a table of options, and reads the command line, the environment and a
// file with it.

#ifndef MLP_SERVER_OPTIONS_OPTION_PARSER_H_
#define MLP_SERVER_OPTIONS_OPTION_PARSER_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "server/options/option.h"

namespace mlp {

// Where an option's value comes from. Later ones override earlier ones.
enum class OptionOrigin { kDefault, kFile, kEnvironment, kCommandLine };

class OptionParser final {
 public:
  // Adds `table` to `app`. The option called `config_option` names the file. `app` and what the
  // table sets must outlive this.
  OptionParser(CLI::App& app, const std::vector<Option>& table, const std::string& config_option);

  // Sets what the table sets. Throws exceptions of CLI11, also for --help and --version, and
  // std::invalid_argument if the file cannot be read. An empty variable counts as not set, so that
  // a variable set by a container image can be undone.
  void Parse(int argc, const char* const* argv);

  OptionOrigin OriginOf(const std::string& name) const;

  // The message of an exception, on one line. A message begins with its flag; if the value came
  // from the environment, the variable is added. A message about an unknown name in the file is
  // replaced: CLI11 says little and appends ".++" to the name of a section.
  std::string Explain(const std::string& message) const;

 private:
  OptionOrigin OriginOf(const CLI::Option& option) const;

  CLI::App& app_;
  const CLI::Option* config_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_OPTION_PARSER_H_
