#include "server/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

std::int64_t LimitIn(const fs::path& file) {
  std::string text;
  std::int64_t bytes = 0;
  // Fails on "max", which means no limit.
  if (!(std::ifstream(file) >> text) || !absl::SimpleAtoi(text, &bytes) || bytes <= 0) {
    return kNoCgroupLimit;
  }
  return bytes;
}

std::int64_t LimitOfVersion1(const fs::path& folder) {
  return LimitIn(folder / "memory.limit_in_bytes");
}

std::int64_t LimitOfVersion2(const fs::path& folder) { return LimitIn(folder / "memory.max"); }

std::int64_t AddressSpace() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoCgroupLimit;
  return static_cast<std::int64_t>(
      std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(kNoCgroupLimit)));
}

}  // namespace

std::int64_t UsableMemoryBytes(const CgroupPlaces& places) {
  const std::int64_t machine = sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
  return std::min({machine, AddressSpace(),
                   LeastOfCgroups(places, "memory", LimitOfVersion1, LimitOfVersion2)});
}

}  // namespace mlp
