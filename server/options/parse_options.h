// Reads the options of mlp-server from its command line, its environment and its configuration
// file.

#ifndef MLP_SERVER_OPTIONS_PARSE_OPTIONS_H_
#define MLP_SERVER_OPTIONS_PARSE_OPTIONS_H_

#include <variant>

#include "server/options/default_options.h"
#include "server/options/server_options.h"

namespace mlp {

// Reads the options. The command line overrides the environment, and the environment overrides the
// file. This holds for each option, and for the choice between a repository and a model. An empty
// variable counts as not set. Any other variable that begins with MLP_ and belongs to no option is
// an error, unless it belongs to another program (CheckVariables). The default numbers of threads,
// bytes, streams and connections depend on `machine`.
//
// If the process must exit instead, returns its exit code: 0 for --help, --version and
// --list-options, 2 for an error, which is reported in one line on standard
// error.
std::variant<ServerOptions, int> ParseOptions(int argc, const char* const* argv,
                                              const Machine& machine);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_PARSE_OPTIONS_H_
