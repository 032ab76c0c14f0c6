#include "server/batching/batch.h"

#include <algorithm>

namespace mlp {
namespace {

// Grows by at least half, so that a batch filled row by row is copied only a few times.
void MakeRoom(std::size_t count, std::vector<float>& values) {
  if (values.size() < count) {
    values.resize(std::max(count, values.size() + values.size() / 2));
  }
}

}  // namespace

Batch::Batch(const Evaluator& evaluator, std::int64_t max_rows)
    : evaluator_(evaluator),
      max_rows_(max_rows),
      inputs_(evaluator.network().inputs().size()),
      input_data_(inputs_.size()),
      outputs_(evaluator.network().outputs().size()),
      output_data_(outputs_.size()),
      workspace_(evaluator.MakeWorkspace()) {}

std::int64_t Batch::Add(std::int64_t rows, absl::Span<const InputValues> inputs,
                        std::int64_t first_row) {
  const std::int64_t first_in_batch = rows_;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::int64_t width = evaluator_.network().inputs()[i].width();
    const std::int64_t element_bytes = static_cast<std::int64_t>(SizeOf(inputs[i].stored_as));
    MakeRoom(static_cast<std::size_t>((first_in_batch + rows) * width), inputs_[i]);
    ConvertToFloats(inputs[i].stored_as,
                    static_cast<const char*>(inputs[i].data) + first_row * width * element_bytes,
                    rows * width, inputs_[i].data() + first_in_batch * width);
  }
  rows_ += rows;
  return first_in_batch;
}

void Batch::Evaluate(NetworkActivity& activity, int most_threads) {
  const Network& network = evaluator_.network();
  for (std::size_t i = 0; i < inputs_.size(); ++i) input_data_[i] = inputs_[i].data();
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    MakeRoom(static_cast<std::size_t>(rows_ * network.WidthOf(network.outputs()[i])), outputs_[i]);
    output_data_[i] = outputs_[i].data();
  }
  evaluator_.Evaluate(rows_, input_data_, output_data_, workspace_, activity, most_threads);
}

const float* Batch::Output(std::size_t output, std::int64_t row) const {
  const Network& network = evaluator_.network();
  return outputs_[output].data() + row * network.WidthOf(network.outputs()[output]);
}

}  // namespace mlp
