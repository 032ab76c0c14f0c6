#include "server/insight/self_baseline.h"

#include <algorithm>
#include <new>

#include "server/insight/insight.h"
#include "server/memory_room.h"

namespace mlp {

void SelfBaseline::Begin(RowSample& sample) {
  state_ = State::kOver;
  if (wanted_rows_ == 0) return;
  const auto row_bytes = sample.width() * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t rows =
      std::min(wanted_rows_.load(), Insight::kMostCalibrationBytes / row_bytes);
  if (!HasMemoryRoom(rows * row_bytes)) return;
  try {
    const RefusableWork work;
    sample.StartCollecting(rows);
  } catch (const std::bad_alloc&) {
    return;
  }
  wanted_rows_ = rows;
  learnt_rows_ = 0;
  state_ = State::kCollecting;
}

std::optional<std::vector<float>> SelfBaseline::Look(const ServedModel& served) {
  RowSample& sample = served.instruments.watch->sample();
  if (served.baseline->Get() != nullptr) {
    if (state_ == State::kCollecting) {
      sample.StopCollecting();
      End();
    }
    state_ = State::kOver;
  }
  if (state_ == State::kNotBegun) Begin(sample);
  if (state_ != State::kCollecting) return std::nullopt;
  std::optional<std::vector<float>> rows = sample.TakeCollected();
  if (!rows.has_value()) {
    learnt_rows_ = sample.collected_rows();
    return std::nullopt;
  }
  learnt_rows_ = wanted_rows_.load();
  state_ = State::kOver;
  return rows;
}

}  // namespace mlp
