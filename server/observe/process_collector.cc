#include "server/observe/process_collector.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include "server/observe/metric_family.h"

namespace mlp {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

void AddMetric(std::vector<MetricFamily>& families, const char* name, MetricType type,
               const char* help, double value) {
  AddSample(families.emplace_back(EmptyFamily(name, type, help)), {}, value);
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

// The process's start time in seconds since the epoch, or 0 if /proc does not give it.
double StartTime() {
  double boot_time = 0;
  std::ifstream kernel("/proc/stat");
  for (std::string line; std::getline(kernel, line);) {
    if (line.rfind("btime ", 0) == 0) std::istringstream(line.substr(6)) >> boot_time;
  }
  std::ifstream process("/proc/self/stat");
  const std::string stat{std::istreambuf_iterator<char>(process), {}};
  // The second field is the program's name in parentheses. It may contain spaces, so count from its
  // end.
  const std::size_t name_end = stat.rfind(')');
  if (boot_time == 0 || name_end == std::string::npos) return 0;
  std::istringstream fields(stat.substr(name_end + 1));
  constexpr int kFieldsBeforeStartTime = 19;  // proc(5): start time is field 22, counted from 1
  std::string skipped;
  for (int i = 0; i < kFieldsBeforeStartTime; ++i) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  return boot_time + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

std::vector<MetricFamily> ProcessCollector::Collect() const {
  std::vector<MetricFamily> families;

  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    AddMetric(families, "process_cpu_seconds_total", MetricType::Counter,
              "User and system CPU time spent.", Seconds(usage.ru_utime) + Seconds(usage.ru_stime));
  }

  double virtual_pages = 0;
  double resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages) {
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    AddMetric(families, "process_virtual_memory_bytes", MetricType::Gauge, "Virtual memory size.",
              virtual_pages * page);
    AddMetric(families, "process_resident_memory_bytes", MetricType::Gauge, "Resident memory size.",
              resident_pages * page);
  }

  // Not a range-for loop, which would throw if a step failed.
  std::error_code error;
  double open = 0;
  std::filesystem::directory_iterator descriptor("/proc/self/fd", error);
  for (; !error && descriptor != std::filesystem::directory_iterator(); descriptor.increment(error))
    ++open;
  if (!error) {
    AddMetric(families, "process_open_fds", MetricType::Gauge, "Open file descriptors.", open);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    AddMetric(families, "process_max_fds", MetricType::Gauge, "Limit of open file descriptors.",
              static_cast<double>(limit.rlim_cur));
  }
  if (const double start = StartTime(); start > 0) {
    AddMetric(families, "process_start_time_seconds", MetricType::Gauge,
              "Start of the process, in seconds since the epoch.", start);
  }
  return families;
}

}  // namespace mlp
