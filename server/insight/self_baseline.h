// Collects rows of live traffic for a version without a baseline, until there are enough to make
// one of them.

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

// Of one load of a version. Belongs to the thread that looks, but for the counts.
class SelfBaseline final {
 public:
  // Of `wanted_rows` rows, or of as many as fit into Insight::kMostCalibrationBytes; 0: none.
  explicit SelfBaseline(std::int64_t wanted_rows) : wanted_rows_(wanted_rows) {}

  // Begins to collect, goes on, or gives the rows, all inputs' values side by side; once. Gives up
  // where the version has got a baseline, and, with RESOURCE_EXHAUSTED, once, where there is no
  // memory for the rows.
  absl::StatusOr<std::optional<std::vector<float>>> Look(const ServedModel& served);

  // Rows so far, and how many there are to be; -1 where none are being collected. Thread-safe.
  std::int64_t learnt_rows() const { return learnt_rows_; }
  std::int64_t wanted_rows() const { return wanted_rows_; }

  // "learning: 300 of 2,000 rows"; empty where none are being collected. Thread-safe.
  std::string Text() const;

  // No baseline was made of them, or one was. Thread-safe.
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
