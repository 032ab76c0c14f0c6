#include "server/models/served_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mlp {

std::shared_ptr<const ServedModel> MakeServedModel(ModelVersion version,
                                                   const EvaluationOptions& options,
                                                   tbb::task_arena& arena, Metrics& metrics) {
  auto model = std::make_shared<ServedModel>();
  model->name = std::move(version.name);
  model->version = absl::StrCat(version.version);
  model->evaluator = std::make_unique<const Evaluator>(
      *std::move(version.network), options.saturation_epsilon, arena, options.instruction_set,
      version.settings.weights.value_or(options.weights));
  model->network = model->evaluator->shared_network();
  model->settings = std::move(version.settings);
  const std::int64_t configured = model->settings.config.max_batch_size();
  model->max_batch_rows =
      configured > 0 ? std::min(configured, options.max_batch_rows) : options.max_batch_rows;
  model->instruments = metrics.AddModel(model->name, model->version, *model->evaluator);
  model->queue_load = std::make_unique<QueueLoad>(model->settings.scheduling.levels.size());
  return model;
}

}  // namespace mlp
