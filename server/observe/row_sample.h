// Recent input rows of one model: a few for the status page and, on request, as many as a baseline
// needs.

#ifndef MLP_SERVER_OBSERVE_ROW_SAMPLE_H_
#define MLP_SERVER_OBSERVE_ROW_SAMPLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/types/span.h"

namespace mlp {

// Thread-safe. If another thread holds the lock, Add skips its rows instead of waiting.
class RowSample final {
 public:
  // How many of the latest rows are kept; fewer if they would take more than kRecentBytes.
  static constexpr std::int64_t kRecentRows = 256;
  static constexpr std::int64_t kRecentBytes = std::int64_t{1} << 20;

  // `widths` are the numbers of values per row of the inputs.
  explicit RowSample(std::vector<std::int64_t> widths);

  // Keeps one of the batch's `rows` > 0 rows; all of them while collecting. Each of `inputs` is
  // [rows, its width].
  void Add(std::int64_t rows, absl::Span<const float* const> inputs) ABSL_LOCKS_EXCLUDED(mutex_);

  // Values per row, over all inputs concatenated.
  std::int64_t width() const { return width_; }

  // The latest rows, [rows, width].
  std::vector<float> Recent() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Collects the next `rows` rows and discards any collected before. Takes 4 bytes per value until
  // TakeCollected or StopCollecting. If it throws bad_alloc, nothing has changed.
  void StartCollecting(std::int64_t rows) ABSL_LOCKS_EXCLUDED(mutex_);
  void StopCollecting() ABSL_LOCKS_EXCLUDED(mutex_);

  // The number of rows collected so far.
  std::int64_t collected_rows() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The collected rows, [rows, width], once all have arrived.
  std::optional<std::vector<float>> TakeCollected() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Copies row `row` of `inputs` to `to`.
  void CopyRow(absl::Span<const float* const> inputs, std::int64_t row, float* to) const;

  const std::vector<std::int64_t> widths_;
  const std::int64_t width_;
  const std::int64_t recent_capacity_;

  mutable std::mutex mutex_;
  std::int64_t recent_rows_ ABSL_GUARDED_BY(mutex_) = 0;  // total rows kept so far
  // [recent_capacity_, width_], a ring. Uninitialised, so memory is only used as rows arrive.
  std::unique_ptr<float[]> recent_ ABSL_GUARDED_BY(mutex_);
  std::int64_t wanted_rows_ ABSL_GUARDED_BY(mutex_) = 0;
  std::int64_t collected_rows_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<float> collected_ ABSL_GUARDED_BY(mutex_);  // [wanted_rows_, width_]
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ROW_SAMPLE_H_
