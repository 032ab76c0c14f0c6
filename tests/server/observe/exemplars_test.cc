#include "server/observe/exemplars.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace mlp {
namespace {

using std::chrono::milliseconds;

class ExemplarsTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kBuckets = 3;

  // A request with trace 0:`trace`, or without a trace if that is 0, at this time in milliseconds.
  void Offer(std::size_t bucket, std::uint64_t trace, int at_ms) {
    taker_.Offer(bucket, 0.5, start_ + milliseconds(at_ms), [&] {
      ++asked_;
      return TraceId{0, trace};
    });
  }

  // The trace of a bucket's exemplar.
  std::uint64_t TraceOf(std::size_t bucket) {
    shared_.Add(taker_);
    return shared_.Get()[bucket].trace.low;
  }

  const ExemplarTaker::Clock::time_point start_ = ExemplarTaker::Clock::now();
  ExemplarTaker taker_{kBuckets};
  SharedExemplars shared_{kBuckets};
  int asked_ = 0;
};

TEST_F(ExemplarsTest, AreKeptForEachBucket) {
  Offer(0, 7, 0);
  Offer(2, 8, 0);
  EXPECT_EQ(TraceOf(0), 7U);
  EXPECT_EQ(TraceOf(1), 0U) << "none";
  EXPECT_EQ(TraceOf(2), 8U);
  EXPECT_EQ(shared_.Get()[0].value, 0.5);
}

TEST_F(ExemplarsTest, StayForAWhile) {
  Offer(0, 7, 0);
  for (int at_ms = 1; at_ms < 1'000; ++at_ms) Offer(0, 8, at_ms);
  EXPECT_EQ(TraceOf(0), 7U);
  EXPECT_EQ(asked_, 1) << "the trace of the others is of no interest";
  Offer(0, 9, 1'000);
  EXPECT_EQ(TraceOf(0), 9U);
}

TEST_F(ExemplarsTest, AreNotMissedBehindRequestsWithoutATrace) {
  for (int i = 1; i < ExemplarTaker::kMaxTries; ++i) Offer(0, 0, 0);
  Offer(0, 7, 0);
  EXPECT_EQ(TraceOf(0), 7U);
}

TEST_F(ExemplarsTest, ArePausedIfNoRequestHasATrace) {
  for (int i = 0; i < 1'000; ++i) Offer(0, 0, i);
  EXPECT_EQ(asked_, ExemplarTaker::kMaxTries);
  Offer(0, 7, 1'000);
  EXPECT_EQ(TraceOf(0), 7U);
}

TEST_F(ExemplarsTest, ARequestWithoutATraceReplacesNoExemplar) {
  Offer(0, 7, 0);
  EXPECT_EQ(TraceOf(0), 7U);
  Offer(0, 0, 2'000);
  EXPECT_EQ(TraceOf(0), 7U);
}

TEST_F(ExemplarsTest, TheLastOneOfSeveralThreadsIsKept) {
  ExemplarTaker other(kBuckets);
  Offer(0, 7, 0);
  other.Offer(0, 0.25, start_, [] { return TraceId{0, 8}; });
  EXPECT_EQ(TraceOf(0), 7U);
  shared_.Add(other);
  EXPECT_EQ(shared_.Get()[0].trace.low, 8U);
  EXPECT_EQ(TraceOf(0), 8U) << "what was moved is not moved again";
}

}  // namespace
}  // namespace mlp
