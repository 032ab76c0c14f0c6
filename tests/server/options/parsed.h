// Parses options as mlp-server does.

#ifndef MLP_TESTS_SERVER_OPTIONS_PARSED_H_
#define MLP_TESTS_SERVER_OPTIONS_PARSED_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/options/parse_options.h"
#include "tests/temporary_folder.h"

namespace mlp {

using Variables = std::map<std::string, std::string>;

struct Parsed {
  std::optional<ServerOptions> options;
  int exit_code = -1;  // if there are no options
  std::string out;
  std::string err;
};

// Parses with `variables` as the only MLP_ variables of the environment, on a machine with three
// CPUs.
Parsed Parse(const std::vector<std::string>& arguments, const Variables& variables = {});

// A file for --config.
class ConfigFile final {
 public:
  explicit ConfigFile(const std::string& lines);
  std::string path() const { return (folder_.path() / "server.ini").string(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_OPTIONS_PARSED_H_
