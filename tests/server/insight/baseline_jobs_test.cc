#include "server/insight/baseline_jobs.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

#include "tests/eventually.h"

namespace mlp {
namespace {

// Outcomes of jobs, in the order they arrived.
class Outcomes final {
 public:
  BaselineJobs::Job Job() {
    return [this](const absl::Status& status) {
      const std::lock_guard lock(mutex_);
      codes_.push_back(status.code());
    };
  }
  std::vector<absl::StatusCode> codes() const {
    const std::lock_guard lock(mutex_);
    return codes_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<absl::StatusCode> codes_;
};

using Codes = std::vector<absl::StatusCode>;

TEST(BaselineJobsTest, RunsJobsOneAfterTheOther) {
  Outcomes outcomes;
  BaselineJobs jobs;
  jobs.Add(outcomes.Job());
  jobs.Add(outcomes.Job());
  jobs.Ask(outcomes.Job());
  jobs.Start();
  EXPECT_TRUE(Eventually([&] { return outcomes.codes().size() == 3; }));
  EXPECT_EQ(outcomes.codes(), Codes(3, absl::StatusCode::kOk));
}

TEST(BaselineJobsTest, LetsOneJobWaitForTheRunningOne) {
  Outcomes outcomes;
  BaselineJobs jobs;
  jobs.Ask(outcomes.Job());
  jobs.Ask(outcomes.Job());
  EXPECT_EQ(outcomes.codes(), Codes{absl::StatusCode::kResourceExhausted});
  jobs.Start();
  EXPECT_TRUE(Eventually([&] { return outcomes.codes().size() == 2; }));
  EXPECT_EQ(outcomes.codes().back(), absl::StatusCode::kOk);
}

TEST(BaselineJobsTest, CancelsWaitingJobsWhenItStops) {
  Outcomes outcomes;
  BaselineJobs jobs;
  jobs.Ask(outcomes.Job());
  EXPECT_FALSE(jobs.stopped());
  jobs.BeginStop();
  EXPECT_TRUE(jobs.stopped());
  jobs.Ask(outcomes.Job());
  EXPECT_EQ(outcomes.codes(), Codes(2, absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace mlp
