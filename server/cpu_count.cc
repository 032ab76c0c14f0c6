#include "server/cpu_count.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

int CpusInAffinityMask() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  // It fails on hosts with more CPUs than the mask holds; one thread is right everywhere.
  if (sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
  return std::max(1, CPU_COUNT(&mask));
}

// What `folder`/cpu.max allows: "max 100000", or quota and period in microseconds.
int CpusOfQuota(const fs::path& folder) {
  std::ifstream file(folder / "cpu.max");
  std::string quota;
  std::int64_t period = 0;
  std::int64_t microseconds = 0;
  if (!(file >> quota >> period) || period <= 0 || !absl::SimpleAtoi(quota, &microseconds)) {
    return std::numeric_limits<int>::max();
  }
  return static_cast<int>(std::clamp<std::int64_t>(microseconds / period, 1, 1 << 20));
}

// The path of the process' cgroup below the root: the line of version 2 begins with "0::".
fs::path OwnCgroup(const fs::path& cgroup_file) {
  std::ifstream file(cgroup_file);
  for (std::string line; std::getline(file, line);) {
    absl::string_view path = line;
    if (absl::ConsumePrefix(&path, "0::")) return fs::path(std::string(path)).relative_path();
  }
  return {};
}

}  // namespace

int UsableCpuCount(const fs::path& cgroup_file, const fs::path& cgroup_root) {
  int cpus = CpusInAffinityMask();
  // A container often sees its own cgroup as the root, where the path of the host leads nowhere.
  for (fs::path own = OwnCgroup(cgroup_file); !own.empty(); own = own.parent_path()) {
    cpus = std::min(cpus, CpusOfQuota(cgroup_root / own));
  }
  return std::min(cpus, CpusOfQuota(cgroup_root));
}

}  // namespace mlp
