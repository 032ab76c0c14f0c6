// How a client knows that it talks to the right server, and how the server knows the client.
//
//   mlp::ClientOptions options;
//   options.credentials.tls = mlp::ReadClientTls({"ca.pem", "", ""}).value();
//   options.credentials.token = mlp::ReadClientToken("ci.token").value();
//   absl::StatusOr<mlp::Client> client = mlp::Client::Create("inference.example:8001", options);

#ifndef MLP_CLIENT_CREDENTIALS_H_
#define MLP_CLIENT_CREDENTIALS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// The longest token, as the server has it (server/access/bearer_token.h).
inline constexpr std::size_t kLongestClientToken = 512;

// TLS 1.2 or later. All but the name is PEM text, not paths.
struct ClientTls {
  // Authorities of which one must have issued the server's certificate. Empty: those that gRPC was
  // built with (Debian: /usr/share/grpc/roots.pem).
  std::string authorities{};

  // The client's own certificate with the chain behind it, and its private key without a
  // passphrase, for servers that ask for one. Both or neither.
  std::string certificate{};
  std::string key{};

  // The name that the server's certificate must hold. Empty: the address's host.
  std::string server_name{};
};

struct ClientCredentials {
  // None: in plaintext, so that anybody on the way reads and changes what is sent.
  std::optional<ClientTls> tls{};

  // Sent with every call, as `authorization: Bearer <token>`. Empty: none.
  std::string token{};
};

// INVALID_ARGUMENT for a certificate without a key or a key without one, for what is no PEM text
// or no token, and for a token that would leave this machine in plaintext: `address`, which
// CheckServerAddress has passed, is then to be a loopback or unix: address. No text of an error
// holds a secret. Thread-safe, and so are the following.
absl::Status CheckClientCredentials(absl::string_view address,
                                    const ClientCredentials& credentials);

// The files of a ClientTls. An empty path leaves its text empty.
struct ClientTlsPaths {
  std::string authorities{};
  std::string certificate{};
  std::string key{};
};

// Reads the files. NOT_FOUND or PERMISSION_DENIED where one cannot be read; PERMISSION_DENIED too
// for a key that every user of the machine may read; INVALID_ARGUMENT for a file over 1 MiB.
absl::StatusOr<ClientTls> ReadClientTls(const ClientTlsPaths& paths);

// The token in the first line of a file, without the end of the line. PERMISSION_DENIED where every
// user of the machine may read the file. INVALID_ARGUMENT where that line is empty, longer than
// kLongestClientToken, or holds others than printable ASCII without spaces.
absl::StatusOr<std::string> ReadClientToken(const std::string& path);

}  // namespace mlp

#endif  // MLP_CLIENT_CREDENTIALS_H_
