// A histogram that one thread fills in plain memory and later adds to a shared one.

#ifndef MLP_SERVER_OBSERVE_HISTOGRAM_COUNTS_H_
#define MLP_SERVER_OBSERVE_HISTOGRAM_COUNTS_H_

#include <prometheus/histogram.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mlp {

// Not thread-safe. Allocates only on construction.
class HistogramCounts final {
 public:
  // `bounds` are those of the shared histogram.
  explicit HistogramCounts(prometheus::Histogram::BucketBoundaries bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  // Counts `value` in the first bucket whose bound is not less, as Prometheus defines `le`. Returns
  // the bucket's index.
  std::size_t Observe(double value) {
    const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
    const auto bucket = static_cast<std::size_t>(bound - bounds_.begin());
    ++counts_[bucket];
    sum_ += value;
    return bucket;
  }

  // Includes the open-ended bucket.
  std::size_t buckets() const { return counts_.size(); }

  // Adds everything to `histogram` and starts again at zero.
  void MoveTo(prometheus::Histogram& histogram) {
    histogram.ObserveMultiple(counts_, sum_);
    std::fill(counts_.begin(), counts_.end(), 0.0);
    sum_ = 0.0;
  }

 private:
  const prometheus::Histogram::BucketBoundaries bounds_;
  std::vector<double> counts_;  // not cumulative; whole numbers
  double sum_ = 0.0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_HISTOGRAM_COUNTS_H_
