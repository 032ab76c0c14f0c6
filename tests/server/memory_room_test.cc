#include "server/memory_room.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <new>

namespace mlp {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr std::int64_t kMoreThanThereIs = std::int64_t{1} << 50;

TEST(MemoryRoomTest, TellsWhatCanBeHad) {
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

TEST(MemoryRoomTest, LetsGoOfTheReserveWhereAnAllocationFailsAndTakesItAgain) {
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

}  // namespace
}  // namespace mlp
