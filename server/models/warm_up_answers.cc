#include "server/models/warm_up_answers.h"

#include <algorithm>
#include <functional>
#include <string>

#include "server/batching/batch.h"

namespace mlp {
namespace {

bool Answer(const WarmUpRequest& request, const std::function<bool()>& interrupted, Batch& batch) {
  std::vector<InputValues> inputs;
  inputs.reserve(request.inputs.size());
  for (const WarmUpRequest::Input& input : request.inputs) {
    inputs.push_back({input.row.data(), input.stored_as});
  }
  for (std::int64_t time = 0; time < request.times; ++time) {
    if (interrupted()) return false;
    batch.Clear();
    while (batch.rows() < request.rows && batch.Fits(1)) batch.Add(1, inputs);
    batch.Evaluate();
  }
  return true;
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

bool AnswerWarmUp(const Evaluator& evaluator, const std::vector<WarmUpRequest>& requests,
                  std::int64_t most_rows, const std::function<bool()>& interrupted) {
  std::int64_t rows = 1;
  for (const WarmUpRequest& request : requests) rows = std::max(rows, request.rows);
  Batch batch(evaluator, std::min(rows, most_rows));
  return Answer(RowOfZeros(*evaluator.shared_network()), interrupted, batch) &&
         std::all_of(requests.begin(), requests.end(), [&](const WarmUpRequest& request) {
           return Answer(request, interrupted, batch);
         });
}

}  // namespace mlp
