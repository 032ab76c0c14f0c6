// Results of the first pass over the calibration rows: the references of values, classes and
// layers. Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_REFERENCE_VALUES_H_
#define MLP_MODEL_DRIFT_REFERENCE_VALUES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/drift/baseline.h"
#include "model/drift/output_form.h"
#include "model/evaluator/layer_activity.h"
#include "model/network.h"

namespace mlp {

// Sums over some values of a row, each relative to its first value, to avoid cancellation.
class ValueSums final {
 public:
  explicit ValueSums(std::int64_t values);

  // Adds `values`, which start at position `first` of a row.
  void Add(std::int64_t first, absl::Span<const float> values);

  ValueReference Reference() const;

 private:
  struct Sums {
    std::int64_t count = 0;
    double center = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    float minimum = 0.0F;
    float maximum = 0.0F;
  };

  std::vector<Sums> sums_;
};

// Sums over the predicted classes.
class ClassSums final {
 public:
  explicit ClassSums(const OutputForm& form);

  // Adds the answer to one row, form.width values.
  void Add(absl::Span<const float> values);

  ClassReference Reference() const;

 private:
  const OutputForm& form_;
  std::vector<std::int64_t> counts_;
  std::int64_t rows_ = 0;
  double confidence_ = 0.0;
};

// Sums over the layers with has_activity(). A unit that is active on few rows is dead in a window,
// but not over all rows. Dead and one-signed units are therefore counted as in a window: the
// greatest count over all pieces of kPieceRows consecutive rows.
class LayerSums final {
 public:
  // A window counts dead units from this many rows on.
  static constexpr std::int64_t kPieceRows = 1000;

  // For `rows` rows, which are added later. The last piece also includes the remaining rows.
  LayerSums(const Network& network, std::int64_t rows);

  // Evaluate rows into this, then call Advance.
  NetworkActivity& activity() { return piece_; }

  // Counts `rows` rows that were just evaluated, and ends the current piece if it is complete.
  // REQUIRES: the rows do not cross a multiple of kPieceRows.
  void Advance(std::int64_t rows);

  // REQUIRES: all rows were evaluated, at least one.
  std::vector<LayerReference> References() const;

 private:
  // The greatest counts over all pieces.
  struct IdleUnits {
    std::int64_t dead = 0;
    std::int64_t one_signed = 0;
  };

  const Network& network_;
  std::int64_t rows_left_;
  std::int64_t piece_rows_ = 0;
  NetworkActivity piece_;
  NetworkActivity whole_;        // all completed pieces
  std::vector<IdleUnits> most_;  // of each layer
};

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_REFERENCE_VALUES_H_
