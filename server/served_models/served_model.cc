#include "server/served_models/served_model.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/evaluator/layer_activity.h"
#include "model/evaluator/memory_plan.h"
#include "server/served_models/load_pieces.h"
#include "server/served_models/test_vector_check.h"
#include "server/served_models/warm_up_answers.h"

namespace mlp {
namespace {

std::vector<std::int64_t> LongestLabels(const ServedModel& model) {
  std::vector<std::int64_t> longest;
  for (std::size_t i = 0; i < model.network->outputs().size(); ++i) {
    const NetworkOutput& output = model.network->outputs()[i];
    const bool of_words =
        output.kind == OutputKind::kValues && output.tensor.datatype == Datatype::kBytes;
    std::size_t bytes = model.class_names[i].LongestBytes();
    for (const std::string& label :
         of_words ? model.network->vocabulary().words() : output.string_labels) {
      bytes = std::max(bytes, label.size());
    }
    longest.push_back(static_cast<std::int64_t>(bytes));
  }
  return longest;
}

void SetSettings(ModelSettings settings, const EvaluationOptions& options, ServedModel& model) {
  model.settings = std::move(settings);
  const std::int64_t configured = model.settings.config.max_batch_size();
  model.max_batch_rows =
      configured > 0 ? std::min(configured, options.max_batch_rows) : options.max_batch_rows;
  model.max_answer_bytes = options.max_answer_bytes;
  model.class_names.clear();
  for (std::size_t i = 0; i < model.network->outputs().size(); ++i) {
    model.class_names.push_back(ClassNamesOf(*model.network, model.settings, i));
  }
  model.longest_label_bytes = LongestLabels(model);
  model.input_ranges = InputRanges(*model.network);
  model.row_bytes = 0;
  for (const TensorSpec& input : model.network->inputs()) {
    // A string has a length prefix, and is assumed to be a word or two.
    constexpr std::int64_t kStringBytes = 16;
    const auto bytes = static_cast<std::int64_t>(SizeOf(input.datatype));
    model.row_bytes += input.width() * (bytes > 0 ? bytes : kStringBytes);
  }
  model.row_bytes = std::max<std::int64_t>(model.row_bytes, 1);
}

// Names the classes of the output whose classes are counted.
void NameWatchedClasses(const ServedModel& model) {
  RowWatch& watch = *model.instruments.watch;
  const ClassNames& names = model.class_names[watch.form().output];
  std::vector<std::string> of_classes;
  for (std::size_t i = 0; i < names.size(); ++i) of_classes.push_back(names.NameOf(i));
  watch.SetClassNames(std::move(of_classes));
}

}  // namespace

std::int64_t PackingBytes(const Network& network, int threads) {
  constexpr auto kFloatBytes = static_cast<std::int64_t>(sizeof(float));
  std::int64_t most_weights = 0;
  std::int64_t counts = 0;
  for (const Layer& layer : network.layers()) {
    if (layer.combination() == Combination::kDense) {
      most_weights = std::max(most_weights, layer.inputs * layer.units);
    }
    counts += layer.units * LayerActivity::kUnitBytes;
  }
  std::int64_t values = 0;
  for (const std::int64_t width : PlanMemory(network).widths) values += width;
  std::int64_t of_a_row = 0;  // in and out of a batch
  for (const TensorSpec& input : network.inputs()) of_a_row += input.width();
  for (const NetworkOutput& output : network.outputs()) of_a_row += network.WidthOf(output);
  return kFloatBytes * (most_weights + kLoadPieceRows * of_a_row) +
         threads * (counts + kFloatBytes * Evaluator::kBlockRows * values);
}

absl::StatusOr<std::shared_ptr<const ServedModel>> MakeServedModel(
    ModelVersion version, const EvaluationOptions& options, tbb::task_arena& arena,
    Metrics& metrics, const std::function<bool()>& interrupted) {
  auto model = std::make_shared<ServedModel>();
  model->name = std::move(version.name);
  model->model_digest = std::move(version.digest);
  model->baseline = std::make_shared<BaselineInForce>(std::move(version.baseline),
                                                      std::move(version.baseline_refused));
  model->version = absl::StrCat(version.version);
  model->evaluator = std::make_shared<const Evaluator>(
      *std::move(version.network), options.saturation_epsilon, arena, options.instruction_set,
      version.settings.weights.value_or(options.weights));
  model->network = model->evaluator->shared_network();
  SetSettings(std::move(version.settings), options, *model);
  model->queue_load = std::make_shared<QueueLoad>(model->settings.scheduling.levels.size());
  if (!AnswerWarmUp(*model->evaluator, version.warm_up, model->max_batch_rows, interrupted)) {
    return absl::CancelledError("it was interrupted");
  }
  if (version.test_vector.has_value()) {
    const absl::Status right = CheckTestVector(*model->evaluator, *version.test_vector);
    if (!right.ok()) return right;
  }
  model->loaded_at = std::chrono::system_clock::now();
  // Not earlier: these series replace those of the same name, which may belong to a version that
  // serves.
  model->instruments = metrics.AddModel(model->name, model->version, *model->evaluator);
  NameWatchedClasses(*model);
  return model;
}

std::shared_ptr<const ServedModel> WithSettings(const ServedModel& model, ModelSettings settings,
                                                const EvaluationOptions& options) {
  auto changed = std::make_shared<ServedModel>();
  changed->name = model.name;
  changed->version = model.version;
  changed->evaluator = model.evaluator;
  changed->network = model.network;
  changed->instruments = model.instruments;
  changed->model_digest = model.model_digest;
  changed->baseline = model.baseline;
  changed->loaded_at = model.loaded_at;
  SetSettings(std::move(settings), options, *changed);
  NameWatchedClasses(*changed);
  const std::size_t levels = changed->settings.scheduling.levels.size();
  // The waiting requests of the old levels say nothing about those of the new.
  changed->queue_load = levels == model.queue_load->levels()
                            ? model.queue_load
                            : std::make_shared<QueueLoad>(levels, *model.queue_load);
  return changed;
}

}  // namespace mlp
