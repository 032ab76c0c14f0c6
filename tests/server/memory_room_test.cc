#include "server/memory_room.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <new>
#include <vector>

namespace mlp {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr std::int64_t kMoreThanThereIs = std::int64_t{1} << 50;

TEST(MemoryRoomTest, ReportsWhetherMemoryCanBeAllocated) {
  EXPECT_TRUE(HasMemoryRoom(0));
  EXPECT_TRUE(HasMemoryRoom(kMebibyte));
  EXPECT_FALSE(HasMemoryRoom(kMoreThanThereIs));
}

std::int64_t AddressSpaceBytes() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

void AllocateMoreThanThereIs() {
  void* volatile allocated = operator new(static_cast<std::size_t>(kMoreThanThereIs));
  operator delete(allocated);
}

TEST(MemoryRoomTest, ReleasesTheReserveIfAnAllocationFailsAndRestoresIt) {
  KeepMemoryReserve();
  for (const bool refusable : {true, false}) {
    const std::int64_t before = AddressSpaceBytes();
    const auto allocate = [refusable] {
      if (!refusable) return AllocateMoreThanThereIs();
      const RefusableWork work;
      AllocateMoreThanThereIs();
    };
    EXPECT_THROW(allocate(), std::bad_alloc) << refusable;
    EXPECT_LE(AddressSpaceBytes(), before - 31 * kMebibyte) << refusable;
    EXPECT_TRUE(HasMemoryRoom(kMebibyte));
    EXPECT_GE(AddressSpaceBytes(), before - kMebibyte) << refusable;
  }
  std::set_new_handler(nullptr);
}

TEST(MemoryRoomTest, HasNoRoomBeyondTheBound) {
  EXPECT_EQ(MemoryLeftForLoad(), kNoMemoryBound);
  // This process holds far less than kBound, and far more than the bound after it.
  constexpr std::int64_t kBound = 4096 * kMebibyte;
  BoundMemory(kBound);
  const std::int64_t left = MemoryLeftForLoad();
  EXPECT_GT(left, kBound / 2);
  EXPECT_LE(left, kBound - 256 * kMebibyte);
  EXPECT_FALSE(HasMemoryRoom(kBound));
  EXPECT_TRUE(HasMemoryRoom(kMebibyte));
  BoundMemory(kMebibyte);
  EXPECT_LT(MemoryLeftForLoad(), 0);
  EXPECT_FALSE(HasMemoryRoom(kUnasked));
  EXPECT_TRUE(HasMemoryRoom(kUnasked - 1));
  EXPECT_TRUE(HasAddressSpace(kMebibyte));
  BoundMemory(0);
  EXPECT_EQ(MemoryLeftForLoad(), kNoMemoryBound);
}

TEST(MemoryRoomTest, CountsTheMemoryOfTheProcess) {
  BoundMemory(4096 * kMebibyte);
  const std::int64_t before = MemoryLeftForLoad();
  {
    const std::vector<char> held(static_cast<std::size_t>(64 * kMebibyte), 1);
    EXPECT_LE(MemoryLeftForLoad(), before - 60 * kMebibyte) << held.size();
  }
  BoundMemory(0);
}

}  // namespace
}  // namespace mlp
