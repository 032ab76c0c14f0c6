#include "server/cpu_count.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/e2e/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

int CpusInMask() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  return sched_getaffinity(0, sizeof(mask), &mask) == 0 ? CPU_COUNT(&mask) : 1;
}

// Restricts this thread to its first CPU for as long as it lives.
class OneCpu {
 public:
  OneCpu() {
    CPU_ZERO(&before_);
    if (sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &one);
    }
    set_ = sched_setaffinity(0, sizeof(one), &one) == 0;
  }
  ~OneCpu() {
    if (set_) sched_setaffinity(0, sizeof(before_), &before_);
  }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;
  bool set() const { return set_; }

 private:
  cpu_set_t before_;
  bool set_ = false;
};

struct Cgroups {
  const char* name;
  const char* own;                             // the content of /proc/self/cgroup
  std::map<std::string, const char*> cpu_max;  // cpu.max by the folder below the root
  int quota;                                   // CPUs allowed; 0 where there is no limit
};

void PrintTo(const Cgroups& cgroups, std::ostream* out) { *out << cgroups.name; }

class CpuCountTest : public ::testing::TestWithParam<Cgroups> {};

TEST_P(CpuCountTest, IsTheAffinityMaskWithinTheTightestQuota) {
  const TemporaryFolder folder;
  const fs::path root = folder.path() / "cgroup";
  fs::create_directories(root);
  for (const auto& [path, content] : GetParam().cpu_max) {
    fs::create_directories(root / path);
    std::ofstream(root / path / "cpu.max") << content;
  }
  std::ofstream(folder.path() / "self") << GetParam().own;
  const int expected =
      GetParam().quota == 0 ? CpusInMask() : std::min(CpusInMask(), GetParam().quota);
  EXPECT_EQ(UsableCpuCount(folder.path() / "self", root), expected);
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
        // In a container, which sees its own group as the root and the path of its host.
        Cgroups{"PathOfTheHost", "0::/docker/1234\n", {{"", "100000 100000\n"}}, 1},
        Cgroups{"AfterLinesOfVersionOne",
                "4:memory:/a\n3:cpu,cpuacct:/a\n0::/b\n",
                {{"b", "100000 100000\n"}},
                1},
        Cgroups{"VersionOneAlone", "3:cpu,cpuacct:/a\n", {{"a", "100000 100000\n"}}, 0}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    FilesThatTellNothing, CpuCountTest,
    ::testing::Values(Cgroups{"Empty", "0::/\n", {{"", ""}}, 0},
                      Cgroups{"NoPeriod", "0::/\n", {{"", "100000\n"}}, 0},
                      Cgroups{"PeriodOfZero", "0::/\n", {{"", "100000 0\n"}}, 0},
                      Cgroups{"Words", "0::/\n", {{"", "one two\n"}}, 0},
                      Cgroups{"NegativePeriod", "0::/\n", {{"", "100000 -1\n"}}, 0}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(CpuCountAffinityTest, IsTheMaskWhereThatIsTighter) {
  const OneCpu one_cpu;
  if (!one_cpu.set()) GTEST_SKIP() << "this system lets no thread restrict itself";
  EXPECT_EQ(UsableCpuCount("no-such-file", "no-such-folder"), 1);
}

TEST(CpuCountAffinityTest, IsAtLeastOneHere) { EXPECT_GE(UsableCpuCount(), 1); }

}  // namespace
}  // namespace mlp
