// The table of all options of mlp-server.

#ifndef MLP_SERVER_OPTIONS_OPTION_TABLE_H_
#define MLP_SERVER_OPTIONS_OPTION_TABLE_H_

#include <vector>

#include "server/options/option.h"
#include "server/options/server_options.h"

namespace mlp {

inline constexpr char kConfigOption[] = "config";
inline constexpr char kRepositoryOption[] = "model-repository";
inline constexpr char kModelOption[] = "model";
inline constexpr char kConnectionsOption[] = "max-connections";

// Every option, in the order of --help. They set the members of `options`, which must outlive them,
// and take their defaults from it. Only --help, --version and --list-options are not here.
std::vector<Option> OptionTable(ServerOptions& options);

// The groups that it consists of. To add an option, add a row to its group, a row to the table of
// docs/reference/options.md, and run deploy/helm/options_schema.py.
std::vector<Option> ModelRows(ServerOptions& options);
std::vector<Option> NetworkRows(ServerOptions& options);
std::vector<Option> EvaluationRows(ServerOptions& options);
std::vector<Option> StoppingRows(ServerOptions& options);
std::vector<Option> SecurityRows(SecurityOptions& options);
std::vector<Option> LimitRows(ServerOptions& options);
std::vector<Option> ConnectionRows(ConnectionLimits& limits);
std::vector<Option> ObservationRows(ServerOptions& options);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_OPTION_TABLE_H_
