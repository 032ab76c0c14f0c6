// mlp-client token new: makes a bearer token for a caller of mlp-server.

#ifndef MLP_CLIENT_COMMANDS_TOKEN_H_
#define MLP_CLIENT_COMMANDS_TOKEN_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/streams.h"

namespace mlp {

struct TokenOptions {
  std::string name;
  std::string role;
  std::string models = "*";
  std::string expires;  // empty: never
  std::string output;   // a file for the token; empty: standard output
  std::string append;   // the server's file; empty: its line goes to standard error
};

// Adds `token` with its subcommand `new` to `app`; `options` must outlive it.
CLI::App* AddTokenCommand(CLI::App& app, TokenOptions& options);

// Makes a token. Whoever has it can use it: where one of the two files cannot be written, there is
// no token. A file for the token is new, and for its owner alone. The errors of MakeToken and
// ParseExpiry, and of the files: ALREADY_EXISTS, NOT_FOUND, PERMISSION_DENIED.
absl::Status RunTokenNew(const TokenOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_TOKEN_H_
