// What the system must give before anything is started. Libraries abort if they cannot get a
// thread or a descriptor, so the server checks first and reports what is missing.

#ifndef MLP_SERVER_START_REQUIREMENTS_H_
#define MLP_SERVER_START_REQUIREMENTS_H_

#include <cstdint>

#include "absl/status/status.h"

namespace mlp {

struct StartRequirements {
  std::int64_t descriptors = 0;    // that may be open at once
  std::int64_t threads = 0;        // beside the calling one
  std::int64_t address_bytes = 0;  // of address space
};

// What a server with so many threads that take requests, that evaluate, and that serve REST (0
// where it is off) needs to start.
StartRequirements RequirementsOf(int rpc_threads, int evaluator_threads, int rest_threads);

// OK, or RESOURCE_EXHAUSTED with what is missing, how much there is and how much is needed. Starts
// so many threads for a moment.
absl::Status CheckRequirements(const StartRequirements& requirements);

// As long as it lives, an abort of the process ends it with exit code 1 and one line on standard
// error instead, and makes no core file.
class AbortIsOneLine final {
 public:
  AbortIsOneLine();
  ~AbortIsOneLine();
  AbortIsOneLine(const AbortIsOneLine&) = delete;
  AbortIsOneLine& operator=(const AbortIsOneLine&) = delete;
};

}  // namespace mlp

#endif  // MLP_SERVER_START_REQUIREMENTS_H_
