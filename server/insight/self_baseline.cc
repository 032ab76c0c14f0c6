#include "server/insight/self_baseline.h"

#include <algorithm>
#include <new>

#include "absl/strings/str_cat.h"
#include "model/grouped_digits.h"
#include "server/insight/insight.h"
#include "server/memory_room.h"

namespace mlp {

namespace {

absl::Status NoRoom(std::int64_t rows, std::int64_t bytes) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "no memory for ", rows, " rows of traffic, ", bytes,
      " bytes: no baseline will be learnt until the next load; use fewer rows in --self-baseline"));
}

}  // namespace

absl::Status SelfBaseline::Begin(RowSample& sample) {
  state_ = State::kOver;
  if (wanted_rows_ == 0) return absl::OkStatus();
  const auto row_bytes = sample.width() * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t rows =
      std::min(wanted_rows_.load(), Insight::kMaxCalibrationBytes / row_bytes);
  if (!HasMemoryRoom(rows * row_bytes)) return NoRoom(rows, rows * row_bytes);
  try {
    const RefusableWork work;
    sample.StartCollecting(rows);
  } catch (const std::bad_alloc&) {
    return NoRoom(rows, rows * row_bytes);
  }
  wanted_rows_ = rows;
  learnt_rows_ = 0;
  state_ = State::kCollecting;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::vector<float>>> SelfBaseline::Look(const ServedModel& served) {
  RowSample& sample = served.instruments.watch->sample();
  if (served.baseline->Get() != nullptr) {
    if (state_ == State::kCollecting) {
      sample.StopCollecting();
      End();
    }
    state_ = State::kOver;
  }
  if (state_ == State::kNotBegun) {
    const absl::Status begun = Begin(sample);
    if (!begun.ok()) return begun;
  }
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

std::string SelfBaseline::Text() const {
  const std::int64_t rows = learnt_rows();
  if (rows < 0) return {};
  return absl::StrCat("learning: ", GroupedDigits(rows), " of ", GroupedDigits(wanted_rows()),
                      " rows");
}

}  // namespace mlp
