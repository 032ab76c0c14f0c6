// A scheduler with all that it needs, for tests that submit requests to it.

#ifndef MLP_TESTS_SERVER_RPC_SCHEDULER_TEST_H_
#define MLP_TESTS_SERVER_RPC_SCHEDULER_TEST_H_

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cstdint>

#include "server/batching/admission_control.h"
#include "server/batching/answer_budget.h"
#include "server/batching/busy_threads.h"
#include "server/observe/metrics.h"
#include "server/rpc/batch_scheduler.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

class SchedulerTest : public ::testing::Test {
 protected:
  using Clock = BatchScheduler::Clock;

  // No model is served until the test publishes a table in `catalog_`.
  Metrics metrics_{0.01, {}};
  tbb::task_arena arena_{1};
  ModelCatalog catalog_{metrics_};
  BusyThreads busy_;
  // Not adaptive: if the system delays one batch for long, requests would be refused for overload.
  AdmissionControl admission_{{.adaptive = false}};
  AnswerBudget answers_{std::int64_t{256} << 20};
  BatchScheduler scheduler_{catalog_, {admission_, answers_}, busy_, metrics_};
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_RPC_SCHEDULER_TEST_H_
