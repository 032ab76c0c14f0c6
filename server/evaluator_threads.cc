#include "server/evaluator_threads.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace mlp {

void StartEvaluatorThreads(tbb::task_arena& arena) {
  constexpr std::chrono::milliseconds kPatience(200);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  arena.execute([&] {
    const int threads = tbb::this_task_arena::max_concurrency();
    std::atomic<int> arrived = 0;
    // Each task waits for all others, so that no thread runs two.
    const auto wait = [&](int) {
      ++arrived;
      while (arrived < threads && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
      }
    };
    tbb::parallel_for(0, threads, wait, tbb::simple_partitioner());
  });
}

}  // namespace mlp
