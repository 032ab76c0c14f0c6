#include "server/observe/row_sample.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mlp {

RowSample::RowSample(std::vector<std::int64_t> widths)
    : widths_(std::move(widths)),
      width_(std::accumulate(widths_.begin(), widths_.end(), std::int64_t{0})),
      recent_capacity_(std::clamp<std::int64_t>(
          kRecentBytes / std::max<std::int64_t>(1, width_ * std::int64_t{sizeof(float)}), 1,
          kRecentRows)),
      recent_(std::make_unique_for_overwrite<float[]>(
          static_cast<std::size_t>(recent_capacity_ * width_))) {}

void RowSample::CopyRow(absl::Span<const float* const> inputs, std::int64_t row, float* to) const {
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    to = std::copy_n(inputs[i] + row * widths_[i], widths_[i], to);
  }
}

void RowSample::Add(std::int64_t rows, absl::Span<const float* const> inputs) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  // Vary the index between batches: the rows of a request are often sorted.
  CopyRow(inputs, recent_rows_ % rows, recent_.get() + recent_rows_ % recent_capacity_ * width_);
  ++recent_rows_;
  for (std::int64_t row = 0; row < rows && collected_rows_ < wanted_rows_; ++row) {
    CopyRow(inputs, row, collected_.data() + collected_rows_ * width_);
    ++collected_rows_;
  }
}

std::vector<float> RowSample::Recent() const {
  std::vector<float> rows;
  rows.reserve(static_cast<std::size_t>(recent_capacity_ * width_));
  const std::lock_guard lock(mutex_);
  const std::int64_t count = std::min(recent_rows_, recent_capacity_);
  rows.assign(recent_.get(), recent_.get() + count * width_);
  return rows;
}

void RowSample::StartCollecting(std::int64_t rows) {
  std::vector<float> room(static_cast<std::size_t>(rows * width_));
  const std::lock_guard lock(mutex_);
  collected_.swap(room);
  collected_rows_ = 0;
  wanted_rows_ = rows;
}

void RowSample::StopCollecting() { StartCollecting(0); }

std::int64_t RowSample::collected_rows() const {
  const std::lock_guard lock(mutex_);
  return collected_rows_;
}

std::optional<std::vector<float>> RowSample::TakeCollected() {
  const std::lock_guard lock(mutex_);
  if (wanted_rows_ == 0 || collected_rows_ < wanted_rows_) return std::nullopt;
  wanted_rows_ = collected_rows_ = 0;
  return std::exchange(collected_, {});
}

}  // namespace mlp
