// What the rows of one request do within the network, for a client that asks for it with the
// parameter `insight`: to examine a request without Prometheus.

#ifndef MLP_SERVER_RPC_REQUEST_INSIGHT_H_
#define MLP_SERVER_RPC_REQUEST_INSIGHT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "model/drift/baseline.h"
#include "model/evaluator/layer_activity.h"
#include "proto/open_inference.pb.h"
#include "server/batching/batch.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Belongs to one thread.
class RequestInsight final {
 public:
  // `model` must outlive this. Throws bad_alloc, as do the other functions.
  explicit RequestInsight(const ServedModel& model);

  // Evaluates `rows` of the request's rows once more, from `first_row` on, because in a batch they
  // were counted together with those of others. `inputs` are all of the request's, already checked
  // against the model.
  void AddRows(absl::Span<const InputValues> inputs, std::int64_t first_row, std::int64_t rows);

  // Adds parameters to the answer. For each layer, over all rows and units: the share of saturated
  // activations by tail (insight_hidden_1_lower, insight_hidden_1_upper, ...). For the inputs: how
  // many values are missing (NaN, insight_missing) and infinite (insight_infinite) and, if the
  // model has a baseline, how many are beyond what the baseline saw (insight_out_of_range).
  void Write(inference::ModelInferResponse& response);

  // The work that AddRows takes for each row (QueuedRequest::work_per_row).
  static std::int64_t WorkPerRow(const ServedModel& model);

  // The most bytes that Write adds to an answer.
  static std::int64_t MostBytes(const ServedModel& model);

 private:
  void CountInputs(absl::Span<const InputValues> inputs, std::int64_t first_row, std::int64_t rows);
  // Counts one row of an input. `first` is the index of its first value in the baseline.
  void CountOutOfRange(const std::vector<float>& row, std::size_t first);

  const ServedModel& model_;
  const std::shared_ptr<const Baseline> baseline_;  // null if the model has none
  NetworkActivity activity_;
  Batch batch_;
  std::int64_t missing_ = 0;
  std::int64_t infinite_ = 0;
  std::int64_t out_of_range_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REQUEST_INSIGHT_H_
