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

// Of each layer with has_activity(), by `activity`, which is settled and of one row or more.
std::vector<LayerReference> LayerReferencesOf(const Network& network,
                                              const NetworkActivity& activity);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_REFERENCE_VALUES_H_
