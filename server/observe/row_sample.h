// Recent input rows of one model: a few for the status page, and, while somebody asks for them, as
// many as a baseline takes.

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

// Thread-safe. A serving thread that finds another one here goes on without adding.
class RowSample final {
 public:
  // Rows that are kept of those that went by last; fewer where they are so wide that they would
  // take more than kRecentBytes.
  static constexpr std::int64_t kRecentRows = 256;
  static constexpr std::int64_t kRecentBytes = std::int64_t{1} << 20;

  // `widths` are the inputs' values in a row.
  explicit RowSample(std::vector<std::int64_t> widths);

  // Takes one of the batch's `rows` > 0 rows, of `inputs`, each [rows, its width]; and all of them,
  // as long as somebody collects.
  void Add(std::int64_t rows, absl::Span<const float* const> inputs) ABSL_LOCKS_EXCLUDED(mutex_);

  // Values of a row, all inputs' side by side.
  std::int64_t width() const { return width_; }

  // The rows that went by last, [rows, width].
  std::vector<float> Recent() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Collects the next `rows` rows, and forgets what was collected before. Takes 4 bytes for each of
  // their values, until TakeCollected or StopCollecting. Throws bad_alloc, and has changed nothing.
  void StartCollecting(std::int64_t rows) ABSL_LOCKS_EXCLUDED(mutex_);
  void StopCollecting() ABSL_LOCKS_EXCLUDED(mutex_);

  // How many there are so far.
  std::int64_t collected_rows() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The rows, [rows, width], once there are all of them.
  std::optional<std::vector<float>> TakeCollected() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Copies row `row` of `inputs` to `to`.
  void CopyRow(absl::Span<const float* const> inputs, std::int64_t row, float* to) const;

  const std::vector<std::int64_t> widths_;
  const std::int64_t width_;
  const std::int64_t most_recent_;

  mutable std::mutex mutex_;
  std::int64_t recent_rows_ ABSL_GUARDED_BY(mutex_) = 0;  // ever taken
  // [most_recent_, width_], a ring. Not set before it is taken, so that memory is used as rows
  // come.
  std::unique_ptr<float[]> recent_ ABSL_GUARDED_BY(mutex_);
  std::int64_t wanted_rows_ ABSL_GUARDED_BY(mutex_) = 0;
  std::int64_t collected_rows_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<float> collected_ ABSL_GUARDED_BY(mutex_);  // [wanted_rows_, width_]
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ROW_SAMPLE_H_
