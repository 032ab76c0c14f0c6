#include "client/bench/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace mlp {
namespace {

constexpr double kShares[] = {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0};

TEST(LatencyHistogramTest, HoldsNothingAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.longest(), 0);
  EXPECT_EQ(histogram.Mean(), 0.0);
  EXPECT_EQ(histogram.Percentile(0.5), 0);
}

TEST(LatencyHistogramTest, IsExactBelow256) {
  for (std::int64_t value = 0; value < 256; ++value) {
    LatencyHistogram histogram;
    histogram.Record(value);
    histogram.Record(LatencyHistogram::kLongestNanoseconds);
    EXPECT_EQ(histogram.Percentile(0.5), value);
  }
}

TEST(LatencyHistogramTest, NeverUnderstatesALatencyAndOverstatesItByAtMostOnePercent) {
  for (int power = 0; power < 42; ++power) {
    for (const std::int64_t offset : {-1, 0, 1, 12'345}) {
      const std::int64_t value = std::clamp((std::int64_t{1} << power) + offset, std::int64_t{0},
                                            LatencyHistogram::kLongestNanoseconds);
      LatencyHistogram histogram;
      histogram.Record(value);
      histogram.Record(LatencyHistogram::kLongestNanoseconds);
      const std::int64_t percentile = histogram.Percentile(0.5);
      EXPECT_GE(percentile, value);
      EXPECT_LE(static_cast<double>(percentile), static_cast<double>(value) * 1.01) << value;
    }
  }
}

TEST(LatencyHistogramTest, AgreesWithSortedLatenciesWithinOnePercent) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(std::log(150'000.0), 1.5);
  LatencyHistogram histogram;
  std::vector<std::int64_t> sorted;
  for (int i = 0; i < 20'000; ++i) {
    sorted.push_back(static_cast<std::int64_t>(latency(random)));
    histogram.Record(sorted.back());
  }
  std::sort(sorted.begin(), sorted.end());
  for (const double share : kShares) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * 20'000.0 - 1e-6));
    const auto exact = static_cast<double>(sorted[rank == 0 ? 0 : rank - 1]);
    EXPECT_GE(static_cast<double>(histogram.Percentile(share)), exact) << share;
    EXPECT_LE(static_cast<double>(histogram.Percentile(share)), exact * 1.01) << share;
  }
  EXPECT_EQ(histogram.longest(), sorted.back());
  EXPECT_EQ(histogram.Percentile(1.0), sorted.back());
}

TEST(LatencyHistogramTest, CountsValuesOutOfRangeAtItsEnds) {
  LatencyHistogram histogram;
  histogram.Record(-5);
  EXPECT_EQ(histogram.Percentile(1.0), 0);
  histogram.Record(LatencyHistogram::kLongestNanoseconds + 1);
  EXPECT_EQ(histogram.longest(), LatencyHistogram::kLongestNanoseconds);
  EXPECT_EQ(histogram.count(), 2);
}

TEST(LatencyHistogramTest, MergesToTheCountsOfASingleHistogram) {
  std::mt19937_64 random(3);
  LatencyHistogram whole;
  LatencyHistogram first;
  LatencyHistogram second;
  for (int i = 0; i < 3'000; ++i) {
    const auto value = static_cast<std::int64_t>(random() >> (24 + i % 40));
    whole.Record(value);
    (i % 3 == 0 ? first : second).Record(value);
  }
  first.Merge(second);
  EXPECT_EQ(first.count(), whole.count());
  EXPECT_EQ(first.longest(), whole.longest());
  EXPECT_NEAR(first.Mean(), whole.Mean(), 1e-9 * whole.Mean());
  for (const double share : kShares) EXPECT_EQ(first.Percentile(share), whole.Percentile(share));
}

}  // namespace
}  // namespace mlp
