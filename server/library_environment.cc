#include "server/library_environment.h"

#include <cstdlib>

namespace mlp {

void CleanLibraryEnvironment() {
  // gRPC would write its own lines to standard error, in its own format; our log reports what
  // fails. A user who looks into gRPC itself can set it, but with TLS or tokens nothing comes of it
  // (Security).
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);  // NOLINT(concurrency-mt-unsafe)
  // Only the options decide which suites and authorities are accepted. With the last one GnuTLS
  // would write the keys of every connection to a file.
  for (const char* const name :
       {"GRPC_SSL_CIPHER_SUITES", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "GRPC_SYSTEM_SSL_ROOTS_DIR",
        "GRPC_NOT_USE_SYSTEM_SSL_ROOTS", "SSLKEYLOGFILE"}) {
    unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  }
}

}  // namespace mlp
