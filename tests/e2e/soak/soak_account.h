// The account of a soak: what its clients sent and received against what the server counted.

#ifndef MLP_TESTS_E2E_SOAK_SOAK_ACCOUNT_H_
#define MLP_TESTS_E2E_SOAK_SOAK_ACCOUNT_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/http_get.h"
#include "tests/e2e/soak/soak_attacks.h"
#include "tests/e2e/soak/soak_clients.h"

namespace mlp {

// The faults found, one a line.
class Findings {
 public:
  void Expect(bool holds, const std::string& what) {
    if (!holds) lines_.push_back(what);
  }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

// One kind of client, the model that it asks, and its counts.
struct SoakKind {
  std::string name;
  std::string model;
  SoakTally tally;
};

// The sum of all samples of `metric` whose labels contain all of `parts`.
double Sum(const Samples& samples, const std::string& metric,
           const std::vector<std::string>& parts = {});

// Each request of each client has an answer, and the server has counted as many. Adds what does not
// add up to `findings`.
void CheckAccount(const std::vector<std::unique_ptr<SoakKind>>& kinds, const AttackTally& attacks,
                  const Samples& metrics, Findings& findings);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SOAK_SOAK_ACCOUNT_H_
