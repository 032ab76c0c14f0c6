// Collects rows of live traffic for a version without a baseline until there are enough to make
// one.

#ifndef MLP_SERVER_INSIGHT_SELF_BASELINE_H_
#define MLP_SERVER_INSIGHT_SELF_BASELINE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/served_models/served_model.h"

namespace mlp {

// For one load of a version. Belongs to the thread that looks, except for the row counts.
class SelfBaseline final {
 public:
  // Collects `wanted_rows` rows, or as many as fit in Insight::kMaxCalibrationBytes; 0 collects
  // none.
  explicit SelfBaseline(std::int64_t wanted_rows) : wanted_rows_(wanted_rows) {}

  // Starts or continues collecting. Returns the rows once, when all have arrived, with all inputs
  // concatenated. Gives up if the version has a baseline by then. If there is no memory for the
  // rows, gives up and returns RESOURCE_EXHAUSTED once.
  absl::StatusOr<std::optional<std::vector<float>>> Look(const ServedModel& served);

  // Rows so far, or -1 if none are being collected, and rows wanted. Thread-safe.
  std::int64_t learnt_rows() const { return learnt_rows_; }
  std::int64_t wanted_rows() const { return wanted_rows_; }

  // "learning: 300 of 2,000 rows"; empty if none are being collected. Thread-safe.
  std::string Text() const;

  // Ends the learning, with or without a baseline. Thread-safe.
  void End() { learnt_rows_ = -1; }

 private:
  enum class State { kNotBegun, kCollecting, kOver };

  absl::Status Begin(RowSample& sample);

  State state_ = State::kNotBegun;
  std::atomic<std::int64_t> wanted_rows_;
  std::atomic<std::int64_t> learnt_rows_ = -1;
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_SELF_BASELINE_H_
