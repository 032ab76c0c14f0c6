#include "server/batching/batch.h"

#include <algorithm>
#include <cstring>

namespace mlp {
namespace {

// Grows by at least half, so that a batch that is filled row by row is copied a few times only.
void MakeRoom(std::size_t count, std::vector<float>& values) {
  if (values.size() < count) {
    values.resize(std::max(count, values.size() + values.size() / 2));
  }
}

}  // namespace

Batch::Batch(const Evaluator& evaluator, std::int64_t max_rows)
    : evaluator_(evaluator),
      max_rows_(max_rows),
      outputs_(evaluator.network().outputs().size()),
      output_data_(outputs_.size()),
      workspace_(evaluator.MakeWorkspace()),
      activity_(MakeNetworkActivity(evaluator.network())) {}

std::int64_t Batch::Add(std::int64_t rows, const void* values) {
  const auto width = static_cast<std::size_t>(evaluator_.network().input().width());
  const std::int64_t first_row = rows_;
  const auto count = static_cast<std::size_t>(rows) * width;
  const auto offset = static_cast<std::size_t>(first_row) * width;
  MakeRoom(offset + count, inputs_);
  std::memcpy(inputs_.data() + offset, values, count * sizeof(float));
  rows_ += rows;
  return first_row;
}

void Batch::Evaluate() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const std::int64_t width = evaluator_.network().outputs()[i].tensor.width();
    MakeRoom(static_cast<std::size_t>(rows_ * width), outputs_[i]);
    output_data_[i] = outputs_[i].data();
  }
  evaluator_.Evaluate(rows_, inputs_.data(), output_data_, workspace_, activity_);
}

const float* Batch::Output(std::size_t output, std::int64_t row) const {
  return outputs_[output].data() + row * evaluator_.network().outputs()[output].tensor.width();
}

void Batch::Clear() {
  rows_ = 0;
  ResetNetworkActivity(activity_);
}

}  // namespace mlp
