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

// Makes a token. Anybody who has a token can use it, so if one of the two files cannot be written,
// no token is left. A file for the token must not exist before, and only its owner can read it.
// Returns the errors of MakeToken and ParseExpiry, and those of the files: ALREADY_EXISTS,
// NOT_FOUND, PERMISSION_DENIED.
absl::Status RunTokenNew(const TokenOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_TOKEN_H_
