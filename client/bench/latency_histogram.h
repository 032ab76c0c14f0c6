// Latencies, counted in buckets: any number of them in fixed memory, any percentile within 1 %.
//
// The buckets are those of Gil Tene's HdrHistogram (http://hdrhistogram.org): each power of two is
// cut into 128 equal buckets, so that a bucket is never wider than 1/128 of the values in it.
// Histograms of several threads are merged by adding their counts.

#ifndef MLP_CLIENT_BENCH_LATENCY_HISTOGRAM_H_
#define MLP_CLIENT_BENCH_LATENCY_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mlp {

// 38 KiB, all allocated at the start. Not thread-safe.
class LatencyHistogram final {
 public:
  // The longest latency that is resolved, 73 minutes; longer ones are counted as this one.
  static constexpr std::int64_t kLongestNanoseconds = (std::int64_t{1} << 42) - 1;

  LatencyHistogram();

  // Counts one latency; less than 0 is 0.
  void Record(std::int64_t nanoseconds);

  // Counts all that `other` has counted.
  void Merge(const LatencyHistogram& other);

  std::int64_t count() const { return count_; }

  // Both exact; 0 of nothing.
  std::int64_t longest() const { return longest_; }
  double Mean() const;

  // The smallest latency that at least `share`, in [0, 1], of all do not exceed, or at most 1/128
  // more: the upper end of its bucket, so that a latency is never told too small. 0 of nothing.
  std::int64_t Percentile(double share) const;

 private:
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  std::int64_t longest_ = 0;
  double sum_ = 0.0;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LATENCY_HISTOGRAM_H_
