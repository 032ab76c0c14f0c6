#include "server/grpc_environment.h"

#include <cstdlib>

namespace mlp {

void SetUpGrpc() {
  // gRPC would write its own lines to standard error, in its own format; our log reports what
  // fails. A user who looks into gRPC itself can set it, but with TLS or tokens nothing comes of it
  // (Security).
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);  // NOLINT(concurrency-mt-unsafe)
  // The options alone decide which suites and which authorities are taken.
  for (const char* const name : {"GRPC_SSL_CIPHER_SUITES", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                                 "GRPC_SYSTEM_SSL_ROOTS_DIR", "GRPC_NOT_USE_SYSTEM_SSL_ROOTS"}) {
    unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  }
}

}  // namespace mlp
