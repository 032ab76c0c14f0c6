#include "server/served_models/warm_up_answers.h"

#include <algorithm>
#include <functional>
#include <string>

#include "server/batching/batch.h"
#include "server/served_models/load_pieces.h"

namespace mlp {
namespace {

bool Answer(const WarmUpRequest& request, std::int64_t most_rows,
            const std::function<bool()>& interrupted, Batch& batch, NetworkActivity& activity) {
  std::vector<InputValues> inputs;
  inputs.reserve(request.inputs.size());
  for (const WarmUpRequest::Input& input : request.inputs) {
    inputs.push_back({input.row.data(), input.stored_as});
  }
  for (std::int64_t time = 0; time < request.times; ++time) {
    for (std::int64_t left = std::min(request.rows, most_rows); left > 0; left -= batch.rows()) {
      if (interrupted()) return false;
      batch.Clear();
      while (batch.rows() < left && batch.Fits(1)) batch.Add(1, inputs);
      batch.Evaluate(activity, /*most_threads=*/1);
    }
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
  Batch batch(evaluator, kLoadPieceRows);
  NetworkActivity activity = MakeNetworkActivity(evaluator.network());
  return Answer(RowOfZeros(evaluator.network()), most_rows, interrupted, batch, activity) &&
         std::all_of(requests.begin(), requests.end(), [&](const WarmUpRequest& request) {
           return Answer(request, most_rows, interrupted, batch, activity);
         });
}

}  // namespace mlp
