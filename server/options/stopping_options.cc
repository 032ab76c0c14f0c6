// How the server stops.

#include "server/options/option_table.h"

namespace mlp {

std::vector<Option> StoppingRows(ServerOptions& options) {
  return {
      {"drain-seconds", IntegerValue(options.drain_seconds, 0, 3600),
       "Longest drain after SIGTERM and the shutdown delay"},
      {"shutdown-delay-ms", IntegerValue(options.shutdown_delay_ms, 0, 3'600'000),
       "Time to keep serving after SIGTERM, with health NOT_SERVING, before draining"},
      {"grace-period-seconds", IntegerValue(options.grace_period_seconds, 0, 86'400),
       "How long a stop may take before the process is killed (terminationGracePeriodSeconds of a "
       "pod); if it is too short for the delay and the drain, the server does not start; 0: "
       "unknown"},
  };
}

}  // namespace mlp
