// A histogram of shares in [0, 1] that one thread fills in plain memory and later adds to a shared
// one. Its bounds are tenths, so the bucket is computed instead of searched for: watching a row
// leaves no time for a search.

#ifndef MLP_SERVER_OBSERVE_SHARE_COUNTS_H_
#define MLP_SERVER_OBSERVE_SHARE_COUNTS_H_

#include <prometheus/histogram.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace mlp {

// Not thread-safe. Allocates only on construction.
class ShareCounts final {
 public:
  // The bounds of the shared histogram.
  static prometheus::Histogram::BucketBoundaries Bounds() {
    prometheus::Histogram::BucketBoundaries bounds;
    for (int tenths = 1; tenths <= kTenths; ++tenths) bounds.push_back(Bound(tenths));
    return bounds;
  }

  // Counts `share`, which must not be NaN, in the first bucket whose bound is not less, as
  // Prometheus defines `le`.
  void Observe(double share) {
    int tenths = 1 + static_cast<int>(std::clamp(share, 0.0, 1.0) * kTenths);
    // Rounding may put the product on the other side of a bound.
    while (tenths > 1 && share <= Bound(tenths - 1)) --tenths;
    while (tenths <= kTenths && share > Bound(tenths)) ++tenths;
    ++counts_[static_cast<std::size_t>(tenths - 1)];
    sum_ += share;
  }

  // Adds everything to `histogram` and starts again at zero.
  void MoveTo(prometheus::Histogram& histogram) {
    histogram.ObserveMultiple(counts_, sum_);
    std::fill(counts_.begin(), counts_.end(), 0.0);
    sum_ = 0.0;
  }

 private:
  static constexpr int kTenths = 10;
  static constexpr double Bound(int tenths) { return tenths / 10.0; }

  std::vector<double> counts_ = std::vector<double>(kTenths + 1);  // one per bucket, not cumulative
  double sum_ = 0.0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_SHARE_COUNTS_H_
