#include "server/cpu_count.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/e2e/one_cpu.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

int CpusInMask() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  return sched_getaffinity(0, sizeof(mask), &mask) == 0 ? CPU_COUNT(&mask) : 1;
}

struct Cgroups {
  const char* name;
  const char* own;                           // the content of /proc/self/cgroup
  std::map<std::string, const char*> files;  // by path; of a folder, its cpu.max
  int quota;                                 // CPUs allowed; 0 if there is no limit
};

void PrintTo(const Cgroups& cgroups, std::ostream* out) { *out << cgroups.name; }

class CpuCountTest : public ::testing::TestWithParam<Cgroups> {};

TEST_P(CpuCountTest, IsTheAffinityMaskWithinTheTightestQuota) {
  const TemporaryFolder folder;
  const fs::path root = folder.path() / "cgroup";
  fs::create_directories(root);
  for (const auto& [path, content] : GetParam().files) {
    const bool file = path.find("cpu.cfs_") != std::string::npos;
    const fs::path full = file ? root / path : root / path / "cpu.max";
    fs::create_directories(full.parent_path());
    std::ofstream(full) << content;
  }
  std::ofstream(folder.path() / "self") << GetParam().own;
  const int expected =
      GetParam().quota == 0 ? CpusInMask() : std::min(CpusInMask(), GetParam().quota);
  EXPECT_EQ(UsableCpuCount({folder.path() / "self", root}), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Quotas, CpuCountTest,
    ::testing::Values(
        Cgroups{"NoCgroups", "", {}, 0}, Cgroups{"NoLimit", "0::/\n", {{"", "max 100000\n"}}, 0},
        Cgroups{"OneCpu", "0::/\n", {{"", "100000 100000\n"}}, 1},
        Cgroups{"OneAndAHalfAreOne", "0::/\n", {{"", "150000 100000\n"}}, 1},
        Cgroups{"AFractionIsOne", "0::/\n", {{"", "20000 100000\n"}}, 1},
        Cgroups{"AnotherPeriod", "0::/\n", {{"", "50000 50000\n"}}, 1},
        Cgroups{"MoreThanTheMachineHas", "0::/\n", {{"", "99999999 1000\n"}}, 0},
        Cgroups{"OwnGroup", "0::/a/b\n", {{"", "max 100000\n"}, {"a/b", "100000 100000\n"}}, 1},
        Cgroups{"GroupAbove", "0::/a/b\n", {{"a", "100000 100000\n"}, {"a/b", "max 100000\n"}}, 1},
        Cgroups{"AnotherGroup", "0::/a/b\n", {{"a/c", "100000 100000\n"}}, 0},
        // A container sees its own group as the root, but the path as the host has it.
        Cgroups{"PathOfTheHost", "0::/docker/1234\n", {{"", "100000 100000\n"}}, 1},
        Cgroups{"AfterLinesOfVersionOne",
                "4:memory:/a\n3:cpu,cpuacct:/a\n0::/b\n",
                {{"b", "100000 100000\n"}},
                1},
        Cgroups{"VersionOneAlone", "3:cpu,cpuacct:/a\n", {{"a", "100000 100000\n"}}, 0}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    VersionOne, CpuCountTest,
    ::testing::Values(Cgroups{"OwnGroupOfVersionOne",
                              "4:memory:/b\n3:cpu,cpuacct:/a\n",
                              {{"cpu,cpuacct/a/cpu.cfs_quota_us", "100000\n"},
                               {"cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"}},
                              1},
                      Cgroups{"GroupAboveOfVersionOne",
                              "3:cpu,cpuacct:/a/b\n",
                              {{"cpu,cpuacct/a/cpu.cfs_quota_us", "50000\n"},
                               {"cpu,cpuacct/a/cpu.cfs_period_us", "50000\n"},
                               {"cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n"},
                               {"cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n"}},
                              1},
                      Cgroups{"PathOfTheHostOfVersionOne",
                              "3:cpu,cpuacct:/docker/1234\n",
                              {{"cpu,cpuacct/cpu.cfs_quota_us", "100000\n"},
                               {"cpu,cpuacct/cpu.cfs_period_us", "100000\n"}},
                              1},
                      Cgroups{"MountedInAnotherOrder",
                              "3:cpuacct,cpu:/\n",
                              {{"cpu/cpu.cfs_quota_us", "100000\n"},
                               {"cpu/cpu.cfs_period_us", "100000\n"}},
                              1},
                      Cgroups{"BothVersions",
                              "3:cpu,cpuacct:/a\n0::/b\n",
                              {{"cpu,cpuacct/a/cpu.cfs_quota_us", "100000\n"},
                               {"cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"},
                               {"b", "max 100000\n"}},
                              1},
                      Cgroups{"NoQuotaOfVersionOne",
                              "3:cpu,cpuacct:/a\n",
                              {{"cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n"},
                               {"cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"}},
                              0},
                      Cgroups{"NoPeriodOfVersionOne",
                              "3:cpu,cpuacct:/a\n",
                              {{"cpu,cpuacct/a/cpu.cfs_quota_us", "100000\n"}},
                              0},
                      Cgroups{"AnotherController",
                              "3:cpuset:/a\n",
                              {{"cpuset/a/cpu.cfs_quota_us", "100000\n"},
                               {"cpuset/a/cpu.cfs_period_us", "100000\n"}},
                              0}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    FilesWithoutALimit, CpuCountTest,
    ::testing::Values(Cgroups{"Empty", "0::/\n", {{"", ""}}, 0},
                      Cgroups{"NoPeriod", "0::/\n", {{"", "100000\n"}}, 0},
                      Cgroups{"PeriodOfZero", "0::/\n", {{"", "100000 0\n"}}, 0},
                      Cgroups{"Words", "0::/\n", {{"", "one two\n"}}, 0},
                      Cgroups{"QuotaOfZero", "0::/\n", {{"", "0 100000\n"}}, 0},
                      Cgroups{"LinesOfNoHierarchy", "\n0\n0:\n:::\n", {{"", "max 1\n"}}, 0},
                      Cgroups{"OutsideOfTheNamespace", "0::/../..\n", {{"", "max 1\n"}}, 0},
                      Cgroups{"NegativePeriod", "0::/\n", {{"", "100000 -1\n"}}, 0}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(CpuCountAffinityTest, IsTheMaskIfThatIsTighter) {
  const OneCpu one_cpu;
  if (!one_cpu.set()) GTEST_SKIP() << "this system lets no thread restrict itself";
  EXPECT_EQ(UsableCpuCount({"no-such-file", "no-such-folder"}), 1);
}

TEST(CpuCountAffinityTest, IsAtLeastOneHere) { EXPECT_GE(UsableCpuCount(), 1); }

}  // namespace
}  // namespace mlp
