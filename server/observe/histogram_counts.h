// A histogram that one thread fills in plain memory, until it is added to one that all share.

#ifndef MLP_SERVER_OBSERVE_HISTOGRAM_COUNTS_H_
#define MLP_SERVER_OBSERVE_HISTOGRAM_COUNTS_H_

#include <prometheus/histogram.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace mlp {

// Not thread-safe. Allocates nothing once it is made.
class HistogramCounts final {
 public:
  // Of the bounds of the histogram that it is added to.
  explicit HistogramCounts(prometheus::Histogram::BucketBoundaries bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  // Counts `value` in the first bucket whose bound is no less, as Prometheus defines `le`, and
  // gives that bucket's index.
  std::size_t Observe(double value) {
    const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
    const auto bucket = static_cast<std::size_t>(bound - bounds_.begin());
    ++counts_[bucket];
    sum_ += value;
    return bucket;
  }

  // The open one among them.
  std::size_t buckets() const { return counts_.size(); }

  // Adds all to `histogram`, and begins at zero.
  void MoveTo(prometheus::Histogram& histogram) {
    histogram.ObserveMultiple(counts_, sum_);
    std::fill(counts_.begin(), counts_.end(), 0.0);
    sum_ = 0.0;
  }

 private:
  const prometheus::Histogram::BucketBoundaries bounds_;
  std::vector<double> counts_;  // as Prometheus has them; whole numbers
  double sum_ = 0.0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_HISTOGRAM_COUNTS_H_
