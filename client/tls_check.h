// Says what is wrong with a TLS connection. gRPC's own errors are one for all causes: "failed to
// connect". Internal to mlp-client.

#ifndef MLP_CLIENT_TLS_CHECK_H_
#define MLP_CLIENT_TLS_CHECK_H_

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "client/credentials.h"

namespace mlp {

// INVALID_ARGUMENT, with the option of mlp-client, where OpenSSL cannot read one of the texts or
// the key does not belong to the certificate. Thread-safe.
absl::Status CheckPem(const ClientTls& tls);

// Why gRPC cannot talk to the server at `address`, in words; empty where nothing is found that is
// of TLS. Makes one connection of its own, and takes `patience` at most for each of its steps. It
// asks by TLS also where `credentials` have none, as the server may have it. Thread-safe.
std::string ExplainFailure(const std::string& address, const ClientCredentials& credentials,
                           std::chrono::milliseconds patience);

}  // namespace mlp

#endif  // MLP_CLIENT_TLS_CHECK_H_
