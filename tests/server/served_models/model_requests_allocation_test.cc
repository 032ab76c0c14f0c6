// If memory runs out, no request to load or unload a model is lost.

#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/served_models/model_requests.h"
#include "tests/allocation_counter.h"

namespace mlp {
namespace {

constexpr std::int64_t kMoreThanTakeAllocates = 8;

// As a thread of the manager does it. The model's name is too long for a string without an
// allocation.
TEST(ModelRequestsAllocationTest, AnswersOnceWhicheverAllocationOfTakeFails) {
  for (const ModelRequests::Kind kind :
       {ModelRequests::Kind::kLoad, ModelRequests::Kind::kUnload}) {
    for (std::int64_t allocations = 0; allocations < kMoreThanTakeAllocates; ++allocations) {
      SCOPED_TRACE(allocations);
      ModelRequests requests(/*most_waiting_bytes=*/100);
      std::vector<absl::Status> statuses;
      requests.Add({kind, std::string(100, 'm'), /*bytes=*/60, [] { return absl::OkStatus(); },
                    [&statuses](const absl::Status& status) { statuses.push_back(status); }});
      EXPECT_FALSE(requests.CheckRoomFor(60).ok());
      absl::Status outcome;
      try {
        const FailingAllocations failing(allocations);
        EXPECT_TRUE(requests.Take(kind, ModelRequests::Clock::now()).has_value());
      } catch (const std::bad_alloc&) {
        outcome = absl::ResourceExhaustedError("there is no memory");
      }
      requests.Answer(kind, outcome);
      EXPECT_EQ(statuses, std::vector{outcome});
      EXPECT_TRUE(requests.CheckRoomFor(60).ok());
    }
  }
}

}  // namespace
}  // namespace mlp
