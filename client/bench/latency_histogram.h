// Counts latencies in buckets: any number in fixed memory, any percentile within 1 %.
//
// The buckets are those of Gil Tene's HdrHistogram (http://hdrhistogram.org): each power of two has
// 128 equal buckets, so a bucket is at most 1/128 as wide as its values. Histograms of several
// threads are merged by adding their counts.

#ifndef MLP_CLIENT_BENCH_LATENCY_HISTOGRAM_H_
#define MLP_CLIENT_BENCH_LATENCY_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mlp {

// Takes 38 KiB, allocated on construction. Not thread-safe.
class LatencyHistogram final {
 public:
  // The longest latency, 73 minutes; longer ones count as this.
  static constexpr std::int64_t kLongestNanoseconds = (std::int64_t{1} << 42) - 1;

  LatencyHistogram();

  // Counts one latency; a negative one counts as 0.
  void Record(std::int64_t nanoseconds);

  // Adds all counts of `other`.
  void Merge(const LatencyHistogram& other);

  std::int64_t count() const { return count_; }

  // Both are exact; 0 if empty.
  std::int64_t longest() const { return longest_; }
  double Mean() const;

  // The smallest latency that at least `share`, in [0, 1], of all latencies do not exceed. Returns
  // the upper end of its bucket, at most 1/128 more, so it never understates. 0 if empty.
  std::int64_t Percentile(double share) const;

 private:
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  std::int64_t longest_ = 0;
  double sum_ = 0.0;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LATENCY_HISTOGRAM_H_
