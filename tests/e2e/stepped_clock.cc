// Loaded before the server's own libraries. Moves the wall clock that the server's code reads by
// the number of seconds in the file named by STEPPED_CLOCK_FILE. gRPC's own waits are not affected:
// the kernel measures them by a clock that this library cannot move.

#include <time.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace {

long Step() {
  const char* path = std::getenv("STEPPED_CLOCK_FILE");  // NOLINT(concurrency-mt-unsafe)
  long seconds = 0;
  if (path == nullptr || !(std::ifstream(path) >> seconds)) return 0;
  return seconds;
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

Time Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec += Step();
  return TimeFromTimespec(now);
}

ABSL_NAMESPACE_END
}  // namespace absl
