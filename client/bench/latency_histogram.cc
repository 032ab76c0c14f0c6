#include "client/bench/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mlp {
namespace {

// Values below 2^kPrecisionBits have one bucket each; each further power of two has as many.
constexpr int kPrecisionBits = 7;
constexpr std::int64_t kBucketsOfAPower = std::int64_t{1} << kPrecisionBits;
constexpr int kValueBits = 42;
constexpr std::size_t kBuckets =
    static_cast<std::size_t>(kBucketsOfAPower) * (kValueBits - kPrecisionBits + 1);

// The number of low bits that a value's bucket does not distinguish.
int ShiftOf(std::int64_t value) {
  const auto bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value)));
  return std::max(0, bits - kPrecisionBits - 1);
}

std::size_t BucketOf(std::int64_t value) {
  const int shift = ShiftOf(value);
  return static_cast<std::size_t>(shift * kBucketsOfAPower + (value >> shift));
}

// The largest value of a bucket.
std::int64_t UpperEnd(std::size_t bucket) {
  const auto index = static_cast<std::int64_t>(bucket);
  if (index < 2 * kBucketsOfAPower) return index;
  const std::int64_t shift = index / kBucketsOfAPower - 1;
  const std::int64_t leading_bits = index - shift * kBucketsOfAPower;
  return ((leading_bits + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(kBuckets, 0) {}

void LatencyHistogram::Record(std::int64_t nanoseconds) {
  nanoseconds = std::clamp(nanoseconds, std::int64_t{0}, kLongestNanoseconds);
  ++counts_[BucketOf(nanoseconds)];
  ++count_;
  longest_ = std::max(longest_, nanoseconds);
  sum_ += static_cast<double>(nanoseconds);
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  longest_ = std::max(longest_, other.longest_);
  sum_ += other.sum_;
}

double LatencyHistogram::Mean() const {
  return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_);
}

std::int64_t LatencyHistogram::Percentile(double share) const {
  // Rounds up, but not for the error of the multiplication: 0.99 of 100 is 99.
  const double exact_rank = share * static_cast<double>(count_);
  const auto rank =
      std::max(std::int64_t{1}, static_cast<std::int64_t>(std::ceil(exact_rank * (1.0 - 1e-12))));
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    counted += counts_[i];
    if (counted >= rank) return std::min(UpperEnd(i), longest_);
  }
  return longest_;
}

}  // namespace mlp
