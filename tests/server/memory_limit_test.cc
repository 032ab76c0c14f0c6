#include "server/memory_limit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

struct Limits {
  const char* name;
  const char* own;                           // the content of /proc/self/cgroup
  std::map<std::string, const char*> files;  // by path below the root
  std::int64_t bytes;                        // bytes allowed; 0 if there is no limit
};

void PrintTo(const Limits& limits, std::ostream* out) { *out << limits.name; }

class MemoryLimitTest : public ::testing::TestWithParam<Limits> {};

TEST_P(MemoryLimitTest, IsTheTightestOfAllGroups) {
  const TemporaryFolder folder;
  const fs::path root = folder.path() / "cgroup";
  fs::create_directories(root);
  for (const auto& [path, content] : GetParam().files) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << content;
  }
  std::ofstream(folder.path() / "self") << GetParam().own;
  const std::int64_t machine = UsableMemoryBytes({"no-such-file", "no-such-folder"});
  const std::int64_t expected = GetParam().bytes == 0 ? machine : GetParam().bytes;
  EXPECT_EQ(UsableMemoryBytes({folder.path() / "self", root}), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Groups, MemoryLimitTest,
    ::testing::Values(Limits{"None", "", {}, 0},
                      Limits{"NoLimit", "0::/\n", {{"memory.max", "max\n"}}, 0},
                      Limits{"OfTheRoot", "0::/\n", {{"memory.max", "268435456\n"}}, 268435456},
                      Limits{"OfOneAbove",
                             "0::/pod/server\n",
                             {{"pod/memory.max", "1000000\n"}, {"pod/server/memory.max", "max\n"}},
                             1000000},
                      Limits{"OfVersion1",
                             "5:memory:/docker/x\n4:cpu,cpuacct:/\n",
                             {{"memory/docker/x/memory.limit_in_bytes", "2000000\n"}},
                             2000000},
                      Limits{"Version1WithoutLimit",
                             "5:memory:/\n",
                             {{"memory/memory.limit_in_bytes", "9223372036854771712\n"}},
                             0},
                      Limits{"NoNumber", "0::/\n", {{"memory.max", "lots\n"}}, 0}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace mlp
