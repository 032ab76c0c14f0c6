// A histogram of shares in [0, 1] that one thread fills in plain memory, until it is added to one
// that all share. Its bounds are tenths: which bucket a share is in follows from the share itself,
// as watching a row has no time to search.

#ifndef MLP_SERVER_OBSERVE_SHARE_COUNTS_H_
#define MLP_SERVER_OBSERVE_SHARE_COUNTS_H_

#include <prometheus/histogram.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace mlp {

// Not thread-safe. Allocates nothing once it is made.
class ShareCounts final {
 public:
  // Of the histogram that it is added to.
  static prometheus::Histogram::BucketBoundaries Bounds() {
    prometheus::Histogram::BucketBoundaries bounds;
    for (int tenths = 1; tenths <= kTenths; ++tenths) bounds.push_back(Bound(tenths));
    return bounds;
  }

  // Counts `share`, which is not NaN, in the first bucket whose bound is no less, as Prometheus
  // defines `le`.
  void Observe(double share) {
    int tenths = 1 + static_cast<int>(std::clamp(share, 0.0, 1.0) * kTenths);
    // The product may be rounded to the other side of a bound.
    while (tenths > 1 && share <= Bound(tenths - 1)) --tenths;
    while (tenths <= kTenths && share > Bound(tenths)) ++tenths;
    ++counts_[static_cast<std::size_t>(tenths - 1)];
    sum_ += share;
  }

  // Adds all to `histogram`, and begins at zero.
  void MoveTo(prometheus::Histogram& histogram) {
    histogram.ObserveMultiple(counts_, sum_);
    std::fill(counts_.begin(), counts_.end(), 0.0);
    sum_ = 0.0;
  }

 private:
  static constexpr int kTenths = 10;
  static constexpr double Bound(int tenths) { return tenths / 10.0; }

  std::vector<double> counts_ = std::vector<double>(kTenths + 1);  // as Prometheus has them
  double sum_ = 0.0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_SHARE_COUNTS_H_
