// Hostile clients during the soak: one attack after the other, again and again. Each attack is
// bounded in time and in what it sends, and releases what it holds.

#ifndef MLP_TESTS_E2E_SOAK_SOAK_ATTACKS_H_
#define MLP_TESTS_E2E_SOAK_SOAK_ATTACKS_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace mlp {

struct AttackedServer {
  std::string grpc_address;
  int grpc_port = 0;
  int http_port = 0;
  std::string model;    // the model that only the attacks use
  std::string visitor;  // the model that only the attacks load, unload and use
};

// The outcome of the attacks. Read it only after RunAttacks has returned.
struct AttackTally {
  std::int64_t rounds = 0;  // in which all attacks ran
  // Lower and upper bound of the inference requests that the server has counted. If a connection is
  // gone, it is unknown whether the server has read its request.
  std::int64_t least_requests = 0;
  std::int64_t most_requests = 0;
  double slowest_live_seconds = 0;  // answer of /live during the attacks
  std::vector<std::string> wrong;   // answers the server should not have given, at most ten
};

// Attacks until `end` is set.
void RunAttacks(const AttackedServer& server, const std::atomic<bool>& end, AttackTally& tally);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SOAK_SOAK_ATTACKS_H_
