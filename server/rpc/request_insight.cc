#include "server/rpc/request_insight.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/datatype.h"
#include "server/memory_room.h"

namespace mlp {
namespace {

// Rows evaluated together, which bounds the memory.
constexpr std::int64_t kRowsAtOnce = Evaluator::kBlockRows;

// Refuses the request if there is no room for another workspace.
const Evaluator& RequireMemoryFor(const Evaluator& evaluator) {
  if (!HasMemoryRoom(evaluator.workspace_bytes())) throw std::bad_alloc();
  return evaluator;
}

}  // namespace

RequestInsight::RequestInsight(const ServedModel& model)
    : model_(model),
      baseline_(model.baseline->Get()),
      activity_(MakeNetworkActivity(*model.network)),
      batch_(RequireMemoryFor(*model.evaluator), kRowsAtOnce) {}

void RequestInsight::AddRows(absl::Span<const InputValues> inputs, std::int64_t first_row,
                             std::int64_t rows) {
  CountInputs(inputs, first_row, rows);
  for (const std::int64_t end = first_row + rows; first_row < end; first_row += kRowsAtOnce) {
    batch_.Clear();
    batch_.Add(std::min(kRowsAtOnce, end - first_row), inputs, first_row);
    // The other threads are left to other requests.
    batch_.Evaluate(activity_, /*most_threads=*/1);
  }
}

void RequestInsight::CountInputs(absl::Span<const InputValues> inputs, std::int64_t first_row,
                                 std::int64_t rows) {
  std::vector<float> row;
  std::size_t first = 0;  // of the input's first value in the baseline, all inputs side by side
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t width = model_.network->inputs()[i].width();
    const auto row_bytes = width * static_cast<std::int64_t>(SizeOf(inputs[i].stored_as));
    row.resize(static_cast<std::size_t>(width));
    const char* data = static_cast<const char*>(inputs[i].data) + first_row * row_bytes;
    for (std::int64_t r = 0; r < rows; ++r, data += row_bytes) {
      ConvertToFloats(inputs[i].stored_as, data, width, row.data());
      for (const float value : row) {
        missing_ += std::isnan(value) ? 1 : 0;
        infinite_ += std::isinf(value) ? 1 : 0;
      }
      if (baseline_ != nullptr) CountOutOfRange(row, first);
    }
    first += row.size();
  }
}

void RequestInsight::CountOutOfRange(const std::vector<float>& row, std::size_t first) {
  const float* const minimum = baseline_->inputs.minimum.data() + first;
  const float* const maximum = baseline_->inputs.maximum.data() + first;
  for (std::size_t i = 0; i < row.size(); ++i) {
    // NaN counts as missing, and is neither.
    out_of_range_ += row[i] < minimum[i] || row[i] > maximum[i] ? 1 : 0;
  }
}

void RequestInsight::Write(inference::ModelInferResponse& response) {
  SettleNetworkActivity(activity_);
  auto& parameters = *response.mutable_parameters();
  for (std::size_t i = 0; i < activity_.size(); ++i) {
    const Layer& layer = model_.network->layers()[i];
    if (!layer.has_activity()) continue;
    // NaN belongs to no tail.
    const auto activations =
        static_cast<double>(activity_[i].rows * layer.units - activity_[i].non_finite);
    if (activations == 0) continue;
    const std::string name = absl::StrCat("insight_", layer.name);
    parameters[name + "_lower"].set_double_param(static_cast<double>(activity_[i].LowerTail()) /
                                                 activations);
    parameters[name + "_upper"].set_double_param(static_cast<double>(activity_[i].UpperTail()) /
                                                 activations);
  }
  parameters["insight_missing"].set_int64_param(missing_);
  parameters["insight_infinite"].set_int64_param(infinite_);
  if (baseline_ != nullptr) parameters["insight_out_of_range"].set_int64_param(out_of_range_);
}

std::int64_t RequestInsight::WorkPerRow(const ServedModel& model) {
  // This many of a row's products take as long as one value in the unit of work.
  constexpr std::int64_t kProductsOfAValue = 256;
  return model.network->parameter_count() / kProductsOfAValue + 1;
}

std::int64_t RequestInsight::MostBytes(const ServedModel& model) {
  // Name, value and encoding overhead of an entry.
  constexpr std::int64_t kEntryBytes = 64;
  std::int64_t bytes = 3 * kEntryBytes;
  for (const Layer& layer : model.network->layers()) {
    if (!layer.has_activity()) continue;
    bytes += 2 * (kEntryBytes + static_cast<std::int64_t>(layer.name.size()));
  }
  return bytes;
}

}  // namespace mlp
