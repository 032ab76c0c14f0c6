#include "server/cpu_count.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

int CpusInAffinityMask() {
  // The kernel refuses a mask smaller than its own and does not say how large its own is.
  constexpr std::size_t kMaxSets = 1024;
  for (std::size_t sets = 1; sets <= kMaxSets; sets *= 2) {
    std::vector<cpu_set_t> mask(sets);
    const std::size_t bytes = sets * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, mask.data()) == 0) {
      return std::max(1, CPU_COUNT_S(bytes, mask.data()));
    }
    if (errno != EINVAL) break;
  }
  return 1;  // safe on every machine
}

// The CPUs of a quota of `microseconds` per `period`. No limit if either is not positive.
std::int64_t CpusOf(std::int64_t microseconds, std::int64_t period) {
  if (microseconds <= 0 || period <= 0) return kNoCgroupLimit;
  return std::clamp<std::int64_t>(microseconds / period, 1, 1 << 20);
}

// The limit of a version 2 folder. Its file holds "max 100000", or quota and period in
// microseconds.
std::int64_t CpusOfVersion2(const fs::path& folder) {
  std::ifstream file(folder / "cpu.max");
  std::string quota;
  std::int64_t period = 0;
  std::int64_t microseconds = 0;
  if (!(file >> quota >> period) || !absl::SimpleAtoi(quota, &microseconds)) return kNoCgroupLimit;
  return CpusOf(microseconds, period);
}

// The limit of a version 1 folder. A quota of -1 means no limit.
std::int64_t CpusOfVersion1(const fs::path& folder) {
  std::int64_t microseconds = 0;
  std::int64_t period = 0;
  if (!(std::ifstream(folder / "cpu.cfs_quota_us") >> microseconds) ||
      !(std::ifstream(folder / "cpu.cfs_period_us") >> period)) {
    return kNoCgroupLimit;
  }
  return CpusOf(microseconds, period);
}

}  // namespace

int UsableCpuCount(const CgroupPlaces& places) {
  const std::int64_t quota = LeastOfCgroups(places, "cpu", CpusOfVersion1, CpusOfVersion2);
  return static_cast<int>(std::min<std::int64_t>(CpusInAffinityMask(), quota));
}

}  // namespace mlp
