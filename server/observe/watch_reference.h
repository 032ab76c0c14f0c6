// The part of a baseline about single values, in the form that watching rows needs.

#ifndef MLP_SERVER_OBSERVE_WATCH_REFERENCE_H_
#define MLP_SERVER_OBSERVE_WATCH_REFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/drift/baseline.h"
#include "model/drift/kernels/value_kernel.h"

namespace mlp {

// Immutable: any thread may read it at any time.
class WatchReference final {
 public:
  // `baseline` must fit the watched network.
  explicit WatchReference(const Baseline& baseline);

  // The reference for the input values from `first` on, over all inputs concatenated.
  ReferenceView InputsFrom(std::int64_t first) const { return inputs_.From(first); }

  // The reference for the values of a regression's output.
  ReferenceView Values() const { return values_.From(0); }

  // The share of each predicted class; empty for a regression.
  const std::vector<double>& class_shares() const { return class_shares_; }

 private:
  struct Bounds {
    explicit Bounds(const ValueReference& reference);
    ReferenceView From(std::int64_t first) const {
      return {reference.center.data() + first, inverse_scale.data() + first,
              reference.minimum.data() + first, reference.maximum.data() + first};
    }

    ValueReference reference;
    std::vector<float> inverse_scale;
  };

  Bounds inputs_;
  Bounds values_;
  std::vector<double> class_shares_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_WATCH_REFERENCE_H_
