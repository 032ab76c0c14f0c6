#include "benchmarks/service/repeated_batch.h"

#include <cstddef>

#include "absl/types/span.h"
#include "benchmarks/evaluator/networks.h"

namespace mlp {

RepeatedBatch::RepeatedBatch(const Evaluator& evaluator, std::int64_t rows)
    : evaluator_(evaluator),
      rows_(rows),
      workspace_(evaluator.MakeWorkspace()),
      activity_(MakeNetworkActivity(evaluator.network())),
      inputs_(BenchmarkInputs(rows * evaluator.network().inputs().front().width())),
      outputs_(static_cast<std::size_t>(
          rows * evaluator.network().WidthOf(evaluator.network().outputs().front()))) {}

void RepeatedBatch::EvaluateRow() {
  if (++rows_due_ < rows_) return;
  rows_due_ = 0;
  float* outputs = outputs_.data();
  evaluator_.Evaluate(rows_, inputs_.data(), absl::MakeConstSpan(&outputs, 1), workspace_,
                      activity_);
}

}  // namespace mlp
