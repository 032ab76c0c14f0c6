#include "server/start_requirements.h"

#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Sockets, epoll sets and event descriptors of an idle server, and a few connections.
constexpr std::int64_t kDescriptors = 64;

// gRPC's timers and executors, HTTP, the manager, insight and its answers, the thread that waits
// for a second signal, the request log, the audit, certificate files, the admin address.
constexpr std::int64_t kOtherThreads = 29;

// The program, its libraries and their heaps, before any model.
constexpr std::int64_t kAddressBytes = std::int64_t{320} << 20;

std::int64_t LimitOf(int resource) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0 ||
      limit.rlim_cur > static_cast<rlim_t>(INT64_MAX)) {
    return INT64_MAX;
  }
  return static_cast<std::int64_t>(limit.rlim_cur);
}

std::int64_t StackBytes() {
  constexpr std::int64_t kUsual = std::int64_t{8} << 20;
  const std::int64_t limit = LimitOf(RLIMIT_STACK);
  return limit == INT64_MAX ? kUsual : limit;
}

// How many of `wanted` threads can exist at the same time.
std::int64_t AvailableThreads(std::int64_t wanted) {
  std::mutex mutex;
  std::condition_variable wake;
  bool end = false;
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(wanted));
  try {
    while (static_cast<std::int64_t>(threads.size()) < wanted) {
      threads.emplace_back([&] {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return end; });
      });
    }
  } catch (const std::system_error&) {
    // The system allows no more.
  }
  {
    const std::lock_guard lock(mutex);
    end = true;
    wake.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<std::int64_t>(threads.size());
}

absl::Status TooFew(const char* what, std::int64_t there_are, std::int64_t needed) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the system allows ", there_are, " ", what, "; expected at least ", needed));
}

void EndInOneLine(int /*signal*/) {
  constexpr char kLine[] =
      "mlp-server: a library aborted the start: the system has too little memory, or too few "
      "threads or file descriptors\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kLine, sizeof(kLine) - 1);
  _exit(1);
}

}  // namespace

StartRequirements RequirementsOf(int rpc_threads, int evaluator_threads, int rest_threads) {
  StartRequirements needed;
  needed.descriptors = kDescriptors + 3 * (std::int64_t{rpc_threads} + rest_threads);
  needed.threads = 2 * std::int64_t{rpc_threads} + evaluator_threads + kOtherThreads;
  // One thread that listens, and one that watches for clients that disconnect.
  if (rest_threads > 0) needed.threads += rest_threads + 2;
  needed.address_bytes = kAddressBytes + needed.threads * StackBytes();
  return needed;
}

absl::Status CheckRequirements(const StartRequirements& requirements) {
  const std::int64_t descriptors = LimitOf(RLIMIT_NOFILE);
  if (descriptors < requirements.descriptors) {
    return TooFew("file descriptors (RLIMIT_NOFILE)", descriptors, requirements.descriptors);
  }
  const std::int64_t address_bytes = LimitOf(RLIMIT_AS);
  if (address_bytes < requirements.address_bytes) {
    return TooFew("bytes of address space (RLIMIT_AS)", address_bytes, requirements.address_bytes);
  }
  const std::int64_t threads = AvailableThreads(requirements.threads);
  if (threads < requirements.threads) {
    return TooFew(
        "more threads (RLIMIT_NPROC, pids.max, or RLIMIT_DATA and RLIMIT_AS for their stacks)",
        threads, requirements.threads);
  }
  return absl::OkStatus();
}

AbortIsOneLine::AbortIsOneLine() { std::signal(SIGABRT, EndInOneLine); }

AbortIsOneLine::~AbortIsOneLine() { std::signal(SIGABRT, SIG_DFL); }

}  // namespace mlp
