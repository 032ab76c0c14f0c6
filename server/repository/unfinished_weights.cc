#include "server/repository/unfinished_weights.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/quote.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

// A page, which file systems write as a whole.
constexpr std::size_t kZeroBytes = 4096;

// A writer that has paused for longer counts as finished.
constexpr std::int64_t kRecentSeconds = 60;

// More than any version has.
constexpr int kMaxFileEntries = 10'000;
constexpr int kDeepestFolder = 4;

// File servers have their own clocks: a time far in the future says nothing.
bool ChangedRecently(const struct stat& status) {
  struct timespec now {};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t age = now.tv_sec - status.st_mtim.tv_sec;
  return age <= kRecentSeconds && age >= -kRecentSeconds;
}

bool HasHole(int file, std::int64_t size) {
  const off_t hole = lseek(file, 0, SEEK_HOLE);
  return hole >= 0 && hole < size;
}

bool EndsInZeros(int file, std::int64_t size) {
  std::array<char, kZeroBytes> end{};
  constexpr auto kLength = static_cast<ssize_t>(kZeroBytes);
  return size >= kLength && pread(file, end.data(), end.size(), size - kLength) == kLength &&
         std::all_of(end.begin(), end.end(), [](char byte) { return byte == '\0'; });
}

}  // namespace

absl::Status CheckFileIsFinished(const fs::path& file) {
  const int descriptor = OpenToRead(file);
  if (descriptor < 0) return absl::OkStatus();
  const absl::Cleanup closing = [descriptor] { close(descriptor); };
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || !ChangedRecently(status)) {
    return absl::OkStatus();
  }
  const bool hole = HasHole(descriptor, status.st_size);
  if (!hole && !EndsInZeros(descriptor, status.st_size)) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      Quote(file.filename().string()), " may still be being written: it ",
      hole ? "has a hole" : absl::StrCat("ends in ", kZeroBytes, " zero bytes"),
      " and was changed in the last ", kRecentSeconds,
      " s; rename a finished folder into place, with a sha256 in model.json or a test vector"));
}

absl::Status CheckFilesAreFinished(const fs::path& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  int entries = 0;
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (++entries > kMaxFileEntries) break;
    if (entry.depth() >= kDeepestFolder) entry.disable_recursion_pending();
    std::error_code unknown;
    if (!entry->is_regular_file(unknown)) continue;
    if (auto status = CheckFileIsFinished(entry->path()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace mlp
