#include "server/validate.h"

#include <cstdlib>
#include <future>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/load_wait.h"
#include "server/part_options.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"
#include "server/served_models/model_validation.h"

namespace mlp {

int Validate(const ServerOptions& options, const StopSignals& signals, Metrics& metrics,
             tbb::task_arena& arena, spdlog::logger& log) {
  ModelManagerOptions manager_options = ManagerOptions(options, signals);
  // Explicit control would load only the models that are named. Polling may start with no models.
  if (manager_options.control == ModelControl::kExplicit) {
    manager_options.control = ModelControl::kNone;
  }
  ModelCatalog models(metrics);
  ModelManager manager(std::move(manager_options), models, metrics, arena, log);
  // On a separate thread, as at a start.
  std::future<absl::StatusOr<std::string>> validating =
      std::async(std::launch::async, [&] { return ValidateModels(manager, models); });
  constexpr char kStopped[] = "stopped before all models were loaded";
  if (!WaitForLoad(validating, signals)) {
    log.error("{}, during a load", kStopped);
    log.flush();
    std::_Exit(1);
  }
  const absl::StatusOr<std::string> valid = validating.get();
  if (absl::IsCancelled(valid.status())) {
    log.error("signal {}: {}", signals.Wait(), kStopped);
    return 1;
  }
  if (!valid.ok()) {
    log.error("{}", std::string(valid.status().message()));
    return 1;
  }
  log.info("{}", *valid);
  return 0;
}

}  // namespace mlp
