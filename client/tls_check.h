// Explains failed TLS connections. gRPC gives the same error for every cause: "failed to connect".
// Internal to mlp-client.

#ifndef MLP_CLIENT_TLS_CHECK_H_
#define MLP_CLIENT_TLS_CHECK_H_

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "client/credentials.h"

namespace mlp {

// INVALID_ARGUMENT, naming the option of mlp-client, if OpenSSL cannot read one of the texts, or if
// the key does not belong to the certificate. Thread-safe.
absl::Status CheckPem(const ClientTls& tls);

// Why gRPC cannot talk to the server at `address`, in words; empty if no cause related to TLS is
// found. `system_authorities`: the authorities are the system's, not those of --tls-ca. Makes a
// separate connection and takes at most `patience` for each step. Tries TLS even if `credentials`
// have none, because the server may require it. Thread-safe.
std::string ExplainFailure(const std::string& address, const ClientCredentials& credentials,
                           bool system_authorities, std::chrono::milliseconds patience);

}  // namespace mlp

#endif  // MLP_CLIENT_TLS_CHECK_H_
