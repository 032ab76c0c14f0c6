// What the first pass over the calibration rows gives: the references of values, classes and
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

// Of some values of a row. Sums are taken from each value's first one on, so that nothing cancels.
class ValueSums final {
 public:
  explicit ValueSums(std::int64_t values);

  // Adds `values`, which stand from `first` on in a row.
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

// Of the predicted classes.
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

// Of the layers with has_activity(). A unit that acts on few rows is dead in a window and not over
// all rows. So dead and one-signed units are counted as a window's are: the most over any piece of
// kPieceRows rows in a row.
class LayerSums final {
 public:
  // A window tells dead units from so many rows on.
  static constexpr std::int64_t kPieceRows = 1000;

  // Of `rows` rows, which follow. The last piece has what is left of them too.
  LayerSums(const Network& network, std::int64_t rows);

  // Where rows are evaluated into. Advance follows.
  NetworkActivity& activity() { return piece_; }

  // Ends the piece that is due, of which `rows` rows were evaluated just now. REQUIRES: they do not
  // go beyond the next multiple of kPieceRows.
  void Advance(std::int64_t rows);

  // REQUIRES: all rows were evaluated, one or more.
  std::vector<LayerReference> References() const;

 private:
  // The greatest counts of any piece.
  struct IdleUnits {
    std::int64_t dead = 0;
    std::int64_t one_signed = 0;
  };

  const Network& network_;
  std::int64_t rows_left_;
  std::int64_t piece_rows_ = 0;
  NetworkActivity piece_;
  NetworkActivity whole_;        // the pieces that ended
  std::vector<IdleUnits> most_;  // of each layer
};

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_REFERENCE_VALUES_H_
