#include "server/observe/share_counts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace mlp {
namespace {

// The index of the bucket of `share`, from 0 to 10.
int BucketOf(double share) {
  ShareCounts counts;
  counts.Observe(share);
  prometheus::Histogram histogram(ShareCounts::Bounds());
  counts.MoveTo(histogram);
  const auto buckets = histogram.Collect().histogram.bucket;
  int bucket = 0;
  while (buckets[static_cast<std::size_t>(bucket)].cumulative_count == 0) ++bucket;
  return bucket;
}

TEST(ShareCountsTest, CountAShareInTheFirstBucketThatIncludesIt) {
  EXPECT_EQ(BucketOf(0.0), 0);
  EXPECT_EQ(BucketOf(-1e-9), 0);
  EXPECT_EQ(BucketOf(1.0), 9);
  EXPECT_EQ(BucketOf(1.0 + 1e-9), 10);
  for (int tenths = 1; tenths < 10; ++tenths) {
    const double bound = tenths / 10.0;
    EXPECT_EQ(BucketOf(std::nextafter(bound, 0.0)), tenths - 1) << bound;
    EXPECT_EQ(BucketOf(bound), tenths - 1) << bound;
    EXPECT_EQ(BucketOf(std::nextafter(bound, 1.0)), tenths) << bound;
  }
}

TEST(ShareCountsTest, RestartAtZeroAfterAMove) {
  ShareCounts counts;
  prometheus::Histogram histogram(ShareCounts::Bounds());
  counts.Observe(0.25);
  counts.MoveTo(histogram);
  counts.Observe(0.5);
  counts.MoveTo(histogram);
  EXPECT_EQ(histogram.Collect().histogram.sample_count, 2U);
  EXPECT_EQ(histogram.Collect().histogram.sample_sum, 0.75);
}

}  // namespace
}  // namespace mlp
