// What the system must give before anything is started. Libraries abort if they cannot get a
// thread or a descriptor, so the server checks first and reports what is missing.

#ifndef MLP_SERVER_START_REQUIREMENTS_H_
#define MLP_SERVER_START_REQUIREMENTS_H_

#include <cstdint>

#include "absl/status/status.h"

namespace mlp {

struct StartRequirements {
  std::int64_t descriptors = 0;    // open at the same time
  std::int64_t threads = 0;        // in addition to the calling one
  std::int64_t address_bytes = 0;  // of address space
};

// What a server needs to start with this many threads that take requests, that evaluate, and that
// serve REST (0 if it is off).
StartRequirements RequirementsOf(int rpc_threads, int evaluator_threads, int rest_threads);

// OK, or RESOURCE_EXHAUSTED with what is missing, how much there is and how much is needed. To find
// out, starts the required number of threads for a moment.
absl::Status CheckRequirements(const StartRequirements& requirements);

// While an object lives, an abort ends the process with exit code 1 and one line on standard error,
// and writes no core file.
class AbortIsOneLine final {
 public:
  AbortIsOneLine();
  ~AbortIsOneLine();
  AbortIsOneLine(const AbortIsOneLine&) = delete;
  AbortIsOneLine& operator=(const AbortIsOneLine&) = delete;
};

}  // namespace mlp

#endif  // MLP_SERVER_START_REQUIREMENTS_H_
