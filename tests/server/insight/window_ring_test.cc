#include "server/insight/window_ring.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace mlp {
namespace {

struct RingCase {
  int windows;
  std::size_t kept;
  float interval;
};

TEST(WindowRingTest, SpansAllTimeInEqualSteps) {
  for (const RingCase& one : {RingCase{0, 0, 1},
                              {1, 1, 1},
                              {200, 200, 1},
                              {201, 101, 2},
                              {202, 101, 2},
                              {203, 102, 2},
                              {400, 200, 2},
                              {401, 101, 4},
                              {10'000, 157, 64}}) {
    WindowRing ring;
    for (int i = 0; i < one.windows; ++i) ring.Add({static_cast<float>(i)});
    ASSERT_EQ(ring.windows().size(), one.kept) << one.windows;
    for (std::size_t i = 0; i < one.kept; ++i) {
      EXPECT_EQ((*ring.windows()[i])[0], static_cast<float>(i) * one.interval) << one.windows;
    }
  }
}

}  // namespace
}  // namespace mlp
