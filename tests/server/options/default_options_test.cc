#include "server/options/default_options.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace mlp {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

// The defaults on a machine with this much usable memory.
Machine With(std::int64_t memory_bytes) { return {4, memory_bytes, 1'000'000}; }

TEST(DefaultOptionsTest, KeepTheSumOfTheirLimitsWithinTheMemory) {
  for (const std::int64_t memory : {256 * kMiB, 1'024 * kMiB, 65'536 * kMiB}) {
    const ServerOptions options = DefaultOptions(With(memory));
    // gRPC keeps about five times the headers of a stream.
    const std::int64_t streams = options.limits.open_streams *
                                 ((std::int64_t{16} << 10) + 5 * options.limits.metadata_bytes);
    EXPECT_LE(streams, memory / 8) << memory;
    EXPECT_LE(options.limits.connections * (std::int64_t{24} << 10), memory / 8) << memory;
    EXPECT_LE(DefaultConnections(With(memory), /*tls=*/true) * (std::int64_t{104} << 10),
              memory / 8)
        << memory;
    EXPECT_LE(options.admission.max_queue_bytes + options.max_unread_answer_bytes + streams +
                  options.limits.memory_bytes,
              3 * (memory / 4))
        << memory;
  }
}

TEST(DefaultOptionsTest, LeaveRoomForATokenInTheHeaders) {
  EXPECT_EQ(DefaultOptions(With(64 * kMiB)).limits.metadata_bytes, 4'096);
  EXPECT_EQ(DefaultOptions(With(256 * kMiB)).limits.metadata_bytes, 4'096);
  EXPECT_EQ(DefaultOptions(With(512 * kMiB)).limits.metadata_bytes, 8'192);
  EXPECT_EQ(DefaultOptions(With(65'536 * kMiB)).limits.metadata_bytes, 16'384);
}

}  // namespace
}  // namespace mlp
