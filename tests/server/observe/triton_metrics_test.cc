#include "server/observe/triton_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/observe/metrics.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TritonMetricsTest, AreShownOnRequestUnderTritonsNames) {
  tbb::task_arena arena{1};
  const Evaluator evaluator(SmallNetwork(), 0.01, arena);
  Metrics metrics{0.01, {}};
  const ModelInstruments instruments = metrics.AddModel("m", "3", evaluator);
  StatisticsSummary counted;
  counted.AddBatch(4, {microseconds(1), microseconds(20), microseconds(3)},
                   {2, microseconds(10), microseconds(70)}, std::chrono::system_clock::now());
  instruments.statistics->Add(counted);
  instruments.statistics->AddFailure(microseconds(5));
  instruments.metrics->CountRequest(absl::StatusCode::kOk);
  EXPECT_THAT(metrics.Expose(), Not(HasSubstr("nv_inference")));

  metrics.ShowTritonMetrics();
  const std::string page = metrics.Expose();
  for (const char* sample : {
           R"(nv_inference_request_success{model="m",version="3"} 2)",
           R"(nv_inference_request_failure{model="m",version="3"} 1)",
           R"(nv_inference_count{model="m",version="3"} 4)",
           R"(nv_inference_exec_count{model="m",version="3"} 1)",
           R"(nv_inference_request_duration_us{model="m",version="3"} 70)",
           R"(nv_inference_queue_duration_us{model="m",version="3"} 10)",
           R"(nv_inference_compute_input_duration_us{model="m",version="3"} 2)",
           R"(nv_inference_compute_infer_duration_us{model="m",version="3"} 40)",
           R"(nv_inference_compute_output_duration_us{model="m",version="3"} 6)",
       }) {
    EXPECT_THAT(page, HasSubstr(sample));
  }
}

}  // namespace
}  // namespace mlp
