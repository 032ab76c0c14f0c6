#include "server/batching/admission_control.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = AdmissionControl::Clock;

constexpr Clock::time_point kNow{seconds(1000)};
constexpr std::int64_t kOfACall = AdmissionControl::kBytesPerCall;

AdmissionControl::Standing Waits(milliseconds wait, milliseconds not_empty_for,
                                 milliseconds batch = milliseconds(0),
                                 milliseconds own = milliseconds(0)) {
  return {wait, batch, own, kNow - not_empty_for, /*batch_of_others=*/milliseconds(0)};
}

TEST(AdmissionControlTest, AdmitsRowsUpToTheLimitAndAlwaysOneRequest) {
  AdmissionControl control({.max_queue_rows = 10});
  EXPECT_EQ(control.AddRows(100), std::nullopt);
  EXPECT_EQ(control.AddRows(1), RejectionReason::kQueueRows);
  EXPECT_EQ(control.Enter(1, Waits({}, {}), kNow), RejectionReason::kQueueRows);
  ASSERT_EQ(control.rows(), 100);
}

TEST(AdmissionControlTest, AdmitsBytesUpToTheLimitAndAlwaysOneRequest) {
  AdmissionControl control({.max_queue_bytes = 100 + 2 * kOfACall});
  EXPECT_EQ(control.Enter(60, Waits({}, {}), kNow), std::nullopt);
  EXPECT_EQ(control.Enter(41, Waits({}, {}), kNow), RejectionReason::kQueueBytes);
  EXPECT_EQ(control.Enter(40, Waits({}, {}), kNow), std::nullopt);
  control.Leave(60, 0);
  control.Leave(40, 0);
  EXPECT_EQ(control.bytes(), 0);
  EXPECT_EQ(control.Enter(1'000'000, Waits({}, {}), kNow), std::nullopt);
}

TEST(AdmissionControlTest, ReleasesTheRowsAndBytesThatLeave) {
  AdmissionControl control({.max_queue_rows = 10});
  ASSERT_EQ(control.Enter(5, Waits({}, {}), kNow), std::nullopt);
  ASSERT_EQ(control.AddRows(10), std::nullopt);
  control.Leave(5, 10);
  EXPECT_EQ(control.rows(), 0);
  EXPECT_EQ(control.bytes(), 0);
}

struct WaitCase {
  AdmissionControl::Standing standing;
  bool refused;
};

TEST(AdmissionControlTest, JudgesByTheWaitAndHowLongTheQueueIsStanding) {
  const WaitCase cases[] = {
      // A burst: the queue was empty a moment ago.
      {Waits(milliseconds(99), milliseconds(50)), false},
      {Waits(milliseconds(101), milliseconds(50)), true},
      // The queue is standing.
      {Waits(milliseconds(4), milliseconds(150)), false},
      {Waits(milliseconds(6), milliseconds(150)), true},
      // One batch takes longer than the target, so a queue may hold the next batch.
      {Waits(milliseconds(99), milliseconds(150), milliseconds(50)), false},
      {Waits(milliseconds(101), milliseconds(150), milliseconds(50)), true},
  };
  for (const auto& [standing, refused] : cases) {
    AdmissionControl adaptive({.target_ms = 5});
    AdmissionControl fixed({.adaptive = false});
    const auto reason = adaptive.Enter(1, standing, kNow);
    EXPECT_EQ(reason == RejectionReason::kOverload, refused) << standing.wait.count();
    EXPECT_EQ(reason.has_value(), refused);
    EXPECT_EQ(fixed.Enter(1, standing, kNow), std::nullopt);
  }
}

TEST(AdmissionControlTest, TreatsAQueueNeverSeenEmptyAsStanding) {
  AdmissionControl control({.target_ms = 20, .interval_ms = 100});
  AdmissionControl::Standing standing;
  standing.wait = milliseconds(50);
  EXPECT_EQ(control.Enter(1, standing, kNow), RejectionReason::kOverload);
}

// A client with several large requests in flight waits for its own. That is no overload.
TEST(AdmissionControlTest, LetsARequestWaitForAsLongAsAFewOfItsKindTake) {
  AdmissionControl control({.target_ms = 20, .interval_ms = 100});
  const milliseconds own(50);
  const milliseconds standing(5000);
  EXPECT_EQ(control.Enter(1, Waits(8 * own, standing, own, own), kNow), std::nullopt);
  EXPECT_EQ(control.Enter(1, Waits(9 * own, standing, own, own), kNow), RejectionReason::kOverload);
}

// Refusing the request would not shorten any batch of another model.
TEST(AdmissionControlTest, LetsARequestWaitForLongBatchesOfAFewOtherModels) {
  AdmissionControl control({.target_ms = 20, .interval_ms = 100});
  const milliseconds batch(50);
  AdmissionControl::Standing standing = Waits(8 * batch, seconds(5));
  standing.batch_of_others = batch;
  EXPECT_EQ(control.Enter(1, standing, kNow), std::nullopt);
  standing.wait = 9 * batch;
  EXPECT_EQ(control.Enter(1, standing, kNow), RejectionReason::kOverload);
}

}  // namespace
}  // namespace mlp
