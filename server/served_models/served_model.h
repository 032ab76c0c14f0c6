// A model version with everything needed to serve it.

#ifndef MLP_SERVER_SERVED_MODELS_SERVED_MODEL_H_
#define MLP_SERVER_SERVED_MODELS_SERVED_MODEL_H_

#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/activations/activation.h"
#include "model/cpu/instruction_set.h"
#include "model/evaluator/evaluator.h"
#include "model/input_ranges.h"
#include "model/weight_storage.h"
#include "server/batching/queue_load.h"
#include "server/observe/baseline_in_force.h"
#include "server/observe/metrics.h"
#include "server/repository/model_repository.h"
#include "server/served_models/class_names.h"

namespace mlp {

// Immutable, except for the metrics and the queue's counters that it reports to, which are
// thread-safe. Shared by the table in which requests find it and by the requests that have found
// it. It is destroyed when the last of them has been answered.
struct ServedModel {
  ServedModel() = default;
  ServedModel(const ServedModel&) = delete;
  ServedModel& operator=(const ServedModel&) = delete;

  std::string name;
  std::string version;                     // decimal
  std::shared_ptr<const Network> network;  // as the evaluator has it
  std::shared_ptr<const Evaluator> evaluator;
  std::vector<InputRange> input_ranges;  // the network's, checked for each request
  std::int64_t max_batch_rows = 0;       // the most rows of a request and of a batch
  std::int64_t max_answer_bytes = std::int64_t{64} << 20;  // the most bytes of an answer
  std::int64_t row_bytes = 1;                              // of one row's values in a raw request
  ModelSettings settings;                                  // of its config.pbtxt
  // One for each output. They point into the network and the settings of this object.
  std::vector<ClassNames> class_names;
  // For each output, the longest of its labels and of its class names (class_names.h).
  std::vector<std::int64_t> longest_label_bytes;
  ModelInstruments instruments;
  std::string model_digest;  // of the network, as a baseline names it
  // Never null. Shared with the same load under earlier settings.
  std::shared_ptr<BaselineInForce> baseline = std::make_shared<BaselineInForce>();
  std::chrono::system_clock::time_point loaded_at;  // not changed by new settings
  // Counts over all threads; never null. Shared with the same version under earlier settings, whose
  // requests count towards the limits until they are answered.
  std::shared_ptr<QueueLoad> queue_load;
};

// How models are read and evaluated.
struct EvaluationOptions {
  double saturation_epsilon = kDefaultSaturationEpsilon;
  std::int64_t max_batch_rows = 4096;  // unless a model's own settings have fewer
  InstructionSet instruction_set = BestInstructionSet();
  WeightStorage weights = WeightStorage::kFloat32;  // unless a model's own settings say otherwise
  std::int64_t max_answer_bytes = std::int64_t{64} << 20;
  bool external_data_hard_links = false;  // whether external data files may have other hard links
};

// The most memory that MakeServedModel takes in addition to the network, with `threads` that
// evaluate: one layer's weights once more, while they are packed, and the values of a block of
// rows.
std::int64_t PackingBytes(const Network& network, int threads);

// Packs the weights of `version`, which has been loaded. Then answers its warm-up requests, checks
// its test vector, and creates its series in `metrics`. INVALID_ARGUMENT if an answer to the test
// vector is wrong, CANCELLED if it was `interrupted` before. `arena` and `metrics` must outlive the
// model.
absl::StatusOr<std::shared_ptr<const ServedModel>> MakeServedModel(
    ModelVersion version, const EvaluationOptions& options, tbb::task_arena& arena,
    Metrics& metrics, const std::function<bool()>& interrupted);

// `model` with other settings, which must fit its network and keep its weights as they are. The two
// share everything else.
std::shared_ptr<const ServedModel> WithSettings(const ServedModel& model, ModelSettings settings,
                                                const EvaluationOptions& options);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_SERVED_MODEL_H_
