// How a client verifies the server, and how it identifies itself to the server.
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

// The longest token; the server has the same limit (server/access/bearer_token.h).
inline constexpr std::size_t kLongestClientToken = 512;

// TLS 1.2 or later. All members except `server_name` are PEM text, not paths.
struct ClientTls {
  // The authorities, one of which must have issued the server's certificate. Empty: those that gRPC
  // was built with (Debian: /usr/share/grpc/roots.pem).
  std::string authorities{};

  // For servers that ask for a client certificate: the client's certificate, followed by the rest
  // of its chain, and its private key without a passphrase. Both or neither.
  std::string certificate{};
  std::string key{};

  // The name that the server's certificate must contain. Empty: the host of the address.
  std::string server_name{};
};

struct ClientCredentials {
  // If empty, connections are in plaintext: anybody on the way can read and change what is sent.
  std::optional<ClientTls> tls{};

  // Sent with every call, as `authorization: Bearer <token>`. Empty: none.
  std::string token{};
};

// INVALID_ARGUMENT for a certificate without a key or a key without a certificate, for text that is
// not PEM, for a malformed token, and for a token that would leave this machine in plaintext:
// without TLS, `address` must be a loopback or unix: address. `address` must have passed
// CheckServerAddress. Error texts contain no secret. Thread-safe, like the functions below.
absl::Status CheckClientCredentials(absl::string_view address,
                                    const ClientCredentials& credentials);

// The files of a ClientTls. An empty path leaves its text empty.
struct ClientTlsPaths {
  std::string authorities{};
  std::string certificate{};
  std::string key{};
};

// Reads the files. NOT_FOUND or PERMISSION_DENIED if one cannot be read; also PERMISSION_DENIED for
// a key that every user of the machine may read; INVALID_ARGUMENT for a file over 1 MiB.
absl::StatusOr<ClientTls> ReadClientTls(const ClientTlsPaths& paths);

// The token in the first line of a file, without the end of the line. PERMISSION_DENIED if every
// user of the machine may read the file. INVALID_ARGUMENT if that line is empty, is longer than
// kLongestClientToken, or contains anything but printable ASCII without spaces.
absl::StatusOr<std::string> ReadClientToken(const std::string& path);

}  // namespace mlp

#endif  // MLP_CLIENT_CREDENTIALS_H_
