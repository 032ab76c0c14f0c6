// Counts unusual rows in a calibration. Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_ROW_CENSUS_H_
#define MLP_MODEL_DRIFT_ROW_CENSUS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "model/drift/baseline.h"
#include "model/network.h"

namespace mlp {

class RowCensus final {
 public:
  // Counts distinct rows only up to `most_distinct`, to bound memory.
  RowCensus(const Network& network, std::int64_t most_distinct);

  // Adds `rows` rows of `inputs`, one array for each of the network's inputs, and their answers,
  // `width` values each.
  void Add(std::int64_t rows, absl::Span<const float* const> inputs, const float* answers,
           std::int64_t width);

  std::int64_t rows() const { return rows_; }

  // Rows with a NaN or an infinity in their inputs.
  std::int64_t not_finite_rows() const { return not_finite_rows_; }

  // Rows with at least one finite value in their answer.
  std::int64_t answered_rows() const { return answered_rows_; }

  // Compared by a 64-bit hash; at most `most_distinct`.
  std::int64_t distinct_rows() const { return static_cast<std::int64_t>(hashes_.size()); }

 private:
  bool AddInputs(std::int64_t row, absl::Span<const float* const> inputs);

  std::vector<std::int64_t> widths_;
  std::size_t most_distinct_;
  std::int64_t rows_ = 0;
  std::int64_t not_finite_rows_ = 0;
  std::int64_t answered_rows_ = 0;
  absl::flat_hash_set<std::size_t> hashes_;
};

// One sentence each about rows with values that are not finite, and about inputs that never vary or
// are never finite, given by position in the row.
std::vector<std::string> WarningsOf(const RowCensus& census, const ValueReference& inputs);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_ROW_CENSUS_H_
