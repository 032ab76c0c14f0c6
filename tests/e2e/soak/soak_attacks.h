// What hostile clients do in the midst of the soak: one attack after the other, again and again.
// Each is bounded in time and in what it sends, and lets go of what it holds.

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
  std::string model;    // that the attacks ask for, and nobody else
  std::string visitor;  // that they load and unload, and nobody else asks for
};

// What became of the attacks. Read it once RunAttacks has returned.
struct AttackTally {
  std::int64_t rounds = 0;  // of all attacks
  // Inference requests that the server has counted: so many at the least and at the most. Of a
  // request whose connection went away nobody knows whether the server has read it.
  std::int64_t least_requests = 0;
  std::int64_t most_requests = 0;
  double slowest_live_seconds = 0;  // answer of /live during the attacks
  std::vector<std::string> wrong;   // what the server should not have answered, ten at most
};

// Attacks until `end`.
void RunAttacks(const AttackedServer& server, const std::atomic<bool>& end, AttackTally& tally);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SOAK_SOAK_ATTACKS_H_
