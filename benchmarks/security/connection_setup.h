// Measures the cost of setting up connections: TCP, the TLS handshake, and HTTP/2 until a ping is
// answered.

#ifndef MLP_BENCHMARKS_SECURITY_CONNECTION_SETUP_H_
#define MLP_BENCHMARKS_SECURITY_CONNECTION_SETUP_H_

#include <cstdint>

#include "benchmarks/service/server_under_test.h"
#include "tests/server/tls/certificate_maker.h"

namespace mlp {

struct SetupLoad {
  bool tls = true;
  const MadeCertificate* certificate = nullptr;  // of the client
  int threads = 2;  // each sets up and closes one connection after another
  double seconds = 1;
};

struct SetupRound {
  std::int64_t connections = 0;
  double per_second = 0;
  double median_microseconds = 0;      // of one setup, as its client sees it
  double server_cpu_microseconds = 0;  // for each setup
  std::int64_t failed = 0;
};

SetupRound MeasureSetup(const ServerUnderTest& server, const SetupLoad& load);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SECURITY_CONNECTION_SETUP_H_
