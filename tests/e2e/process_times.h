// The resources a process has used so far, from Linux's /proc.

#ifndef MLP_TESTS_E2E_PROCESS_TIMES_H_
#define MLP_TESTS_E2E_PROCESS_TIMES_H_

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/bytes_of_file.h"

namespace mlp {

// Seconds of CPU time of all threads, in steps of a clock tick.
inline double CpuSeconds(pid_t process) {
  const std::string text = BytesOfFile(absl::StrCat("/proc/", process, "/stat"));
  // utime and stime are the 12th and 13th fields behind the name in parentheses.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

inline int OpenDescriptors(pid_t process) {
  const std::filesystem::path folder = absl::StrCat("/proc/", process, "/fd");
  return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

// Whether a thread runs or waits for a CPU.
inline bool HasRunnableThread(pid_t process) {
  for (const auto& task :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", process, "/task"))) {
    // The state is the field behind the name in parentheses.
    const std::string text = BytesOfFile((task.path() / "stat").string());
    const std::size_t name_end = text.rfind(')');
    if (name_end != std::string::npos && text.substr(name_end, 3) == ") R") return true;
  }
  return false;
}

// How often the currently running threads have gone to sleep.
inline std::int64_t Sleeps(pid_t process) {
  std::int64_t sleeps = 0;
  for (const auto& task :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", process, "/task"))) {
    std::ifstream status(task.path() / "status");
    std::string word;
    while (status >> word) {
      std::int64_t count = 0;
      if (word == "voluntary_ctxt_switches:" && status >> count) sleeps += count;
    }
  }
  return sleeps;
}

}  // namespace mlp

#endif  // MLP_TESTS_E2E_PROCESS_TIMES_H_
