// What is measured and logged.

#include "server/observe/activity_totals.h"
#include "server/options/option_table.h"

namespace mlp {

std::vector<Option> ObservationRows(ServerOptions& options) {
  return {
      {"saturation-epsilon", FractionValue(options.saturation_epsilon),
       "A unit is saturated if its slope is below this share of the steepest"},
      {"saturation-window",
       IntegerValue(options.saturation_window, ActivityWindow::kMinWindowRows, 1'000'000'000),
       "Rows of the window over which dead units and means of activations are measured"},
      {"self-baseline", IntegerOrZero(options.self_baseline_rows, 300, 10'000'000),
       "Rows of live traffic from which a model without a baseline learns one (4 bytes of memory "
       "per value meanwhile); 0: do not learn"},
      {"metrics-compat", NameValue(options.triton_metrics, {{"none", false}, {"triton", true}}),
       "triton: show the nv_inference_* counters of Triton too; or none"},
      {"slow-request-ms", IntegerValue(options.slow_request_ms, 0, 3'600'000),
       "Log requests that take this long or fail, at most one a second; 0: none"},
      {"log-level",
       NameValue(options.log_level,
                 {{"debug", spdlog::level::debug},
                  {"info", spdlog::level::info},
                  {"warning", spdlog::level::warn},
                  {"error", spdlog::level::err}},
                 "LEVEL"),
       "debug, info, warning or error"},
      {"log-format",
       NameValue(options.log_format, {{"text", LogFormat::kText}, {"json", LogFormat::kJson}},
                 "FORMAT"),
       "text or json"},
  };
}

}  // namespace mlp
