#include "server/models/warm_up_answers.h"

#include <algorithm>
#include <string>

#include "server/batching/batch.h"

namespace mlp {
namespace {

void Answer(const WarmUpRequest& request, Batch& batch) {
  std::vector<InputValues> inputs;
  inputs.reserve(request.inputs.size());
  for (const WarmUpRequest::Input& input : request.inputs) {
    inputs.push_back({input.row.data(), input.stored_as});
  }
  for (std::int64_t time = 0; time < request.times; ++time) {
    batch.Clear();
    while (batch.rows() < request.rows && batch.Fits(1)) batch.Add(1, inputs);
    batch.Evaluate();
  }
}

WarmUpRequest RowOfZeros(const Network& network) {
  WarmUpRequest request;
  for (const TensorSpec& input : network.inputs()) {
    const auto bytes = static_cast<std::size_t>(input.width()) * sizeof(float);
    request.inputs.push_back({std::string(bytes, '\0'), Datatype::kFp32});
  }
  return request;
}

}  // namespace

void AnswerWarmUp(const Evaluator& evaluator, const std::vector<WarmUpRequest>& requests,
                  std::int64_t most_rows) {
  std::int64_t rows = 1;
  for (const WarmUpRequest& request : requests) rows = std::max(rows, request.rows);
  Batch batch(evaluator, std::min(rows, most_rows));
  Answer(RowOfZeros(*evaluator.shared_network()), batch);
  for (const WarmUpRequest& request : requests) Answer(request, batch);
}

}  // namespace mlp
