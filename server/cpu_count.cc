#include "server/cpu_count.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

constexpr int kNoLimit = std::numeric_limits<int>::max();

int CpusInAffinityMask() {
  // The kernel refuses a mask that is smaller than its own, and does not tell that one's size.
  constexpr std::size_t kMostSets = 1024;
  for (std::size_t sets = 1; sets <= kMostSets; sets *= 2) {
    std::vector<cpu_set_t> mask(sets);
    const std::size_t bytes = sets * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, mask.data()) == 0) {
      return std::max(1, CPU_COUNT_S(bytes, mask.data()));
    }
    if (errno != EINVAL) break;
  }
  return 1;  // right everywhere
}

// The CPUs of `microseconds` in each `period`; no limit where one of them is no positive number.
int CpusOf(std::int64_t microseconds, std::int64_t period) {
  if (microseconds <= 0 || period <= 0) return kNoLimit;
  return static_cast<int>(std::clamp<std::int64_t>(microseconds / period, 1, 1 << 20));
}

// What a folder of version 2 allows: "max 100000", or quota and period in microseconds.
int CpusOfVersion2(const fs::path& folder) {
  std::ifstream file(folder / "cpu.max");
  std::string quota;
  std::int64_t period = 0;
  std::int64_t microseconds = 0;
  if (!(file >> quota >> period) || !absl::SimpleAtoi(quota, &microseconds)) return kNoLimit;
  return CpusOf(microseconds, period);
}

// What a folder of version 1 allows; its quota is -1 where there is none.
int CpusOfVersion1(const fs::path& folder) {
  std::int64_t microseconds = 0;
  std::int64_t period = 0;
  if (!(std::ifstream(folder / "cpu.cfs_quota_us") >> microseconds) ||
      !(std::ifstream(folder / "cpu.cfs_period_us") >> period)) {
    return kNoLimit;
  }
  return CpusOf(microseconds, period);
}

// The least that `root`/`own` and the folders above it allow. A container often sees its own cgroup
// as the root, where the path of the host leads nowhere.
int LeastOf(int (*cpus_of)(const fs::path&), const fs::path& root, fs::path own) {
  int cpus = cpus_of(root);
  for (; !own.empty(); own = own.parent_path()) cpus = std::min(cpus, cpus_of(root / own));
  return cpus;
}

// Whether the list of a hierarchy's controllers, with commas between, has the one of CPU time.
bool HasCpuController(absl::string_view controllers) {
  const std::vector<absl::string_view> names = absl::StrSplit(controllers, ',');
  return std::find(names.begin(), names.end(), "cpu") != names.end();
}

}  // namespace

int UsableCpuCount(const fs::path& cgroup_file, const fs::path& cgroup_root) {
  int cpus = std::min(CpusInAffinityMask(), CpusOfVersion2(cgroup_root));
  // A line for each hierarchy, number:controllers:path; version 2's has no controllers.
  std::ifstream file(cgroup_file);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const fs::path own = fs::path(fields[2]).relative_path();
    if (fields[1].empty()) {
      cpus = std::min(cpus, LeastOf(CpusOfVersion2, cgroup_root, own));
    } else if (HasCpuController(fields[1])) {
      // Mounted under the controllers' names; where that is another order, as "cpu" too.
      for (const std::string& name : {fields[1], std::string("cpu")}) {
        cpus = std::min(cpus, LeastOf(CpusOfVersion1, cgroup_root / name, own));
      }
    }
  }
  return cpus;
}

}  // namespace mlp
