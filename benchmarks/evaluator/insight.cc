#include "benchmarks/evaluator/insight.h"

#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "benchmarks/evaluator/networks.h"
#include "benchmarks/evaluator/peers.h"
#include "model/evaluator/evaluator.h"
#include "server/observe/activity_totals.h"
#include "server/observe/row_watch.h"
#include "server/observe/thread_counts.h"

namespace mlp {
namespace {

// A reference for normally distributed values.
std::shared_ptr<const WatchReference> NormalReference(std::int64_t inputs) {
  const auto values = static_cast<std::size_t>(inputs);
  Baseline baseline;
  baseline.inputs = {std::vector<float>(values, 0.0F), std::vector<float>(values, 1.0F),
                     std::vector<float>(values, -4.5F), std::vector<float>(values, 4.5F)};
  return std::make_shared<const WatchReference>(baseline);
}

// Rows of probabilities, all different.
std::vector<float> Probabilities(std::int64_t rows, std::int64_t classes) {
  std::vector<float> values = BenchmarkInputs(rows * classes);
  for (std::int64_t row = 0; row < rows; ++row) {
    float* const scores = values.data() + row * classes;
    float sum = 0.0F;
    for (std::int64_t i = 0; i < classes; ++i) sum += scores[i] = std::exp(2.0F * scores[i]);
    for (std::int64_t i = 0; i < classes; ++i) scores[i] /= sum;
  }
  return values;
}

void MeasureOne(std::int64_t units, std::int64_t rows, InstructionSet instruction_set,
                const MeasureOptions& options) {
  const Widths widths = {units, units, units, 10};
  const std::vector<float> x = BenchmarkInputs(rows * units);
  const std::vector<float> y = Probabilities(rows, widths.back());
  const auto identity = NetworkOf(widths, ActivationKind::kTanh);
  const auto without = MakeLayers(identity, rows, instruction_set, /*counts=*/false);
  const auto with = MakeLayers(identity, rows, instruction_set, /*counts=*/true);

  tbb::task_arena arena(1);
  const Evaluator evaluator(*NetworkOf(widths, ActivationKind::kTanh, ActivationKind::kSoftmax),
                            0.01, arena, instruction_set);
  const auto now = std::chrono::steady_clock::now();
  const auto watch = std::make_shared<RowWatch>(evaluator, ActivityWindow{}, now);
  watch->SetReference(NormalReference(units), now);
  watch->SetJudged(true, now);
  ThreadWatch thread(watch);
  const float* const inputs[] = {x.data()};
  const std::int64_t batches = std::max<std::int64_t>(1, ThreadCounts::kMaxRows / rows);

  ActivityTotals totals(evaluator.shared_network(), ActivityWindow{}, now);
  totals.SetJudged(true, now);
  const NetworkActivity activity = MakeNetworkActivity(evaluator.network());

  volatile float sink = 0.0F;
  const std::vector<double> seconds = Measure(
      {[&] { sink = without->Evaluate(x.data())[0]; }, [&] { sink = with->Evaluate(x.data())[0]; },
       [&] { totals.Add(ThreadCounts::kMaxRows, activity, now); },
       [&] {
         for (std::int64_t i = 0; i < batches; ++i) thread.Look(rows, inputs, y.data());
         thread.AddUp(now);
       }},
      options);
  const double evaluation = seconds[0];
  const double summed = seconds[1] / evaluation - 1.0;
  const double added = seconds[2] / static_cast<double>(batches) / evaluation;
  const double watched = seconds[3] / static_cast<double>(batches) / evaluation;
  std::printf("%6lld %5lld %14.2f %10.2f %10.2f %6lld %12.2f %8.2f\n",
              static_cast<long long>(units), static_cast<long long>(rows), evaluation * 1e6,
              100.0 * summed, 100.0 * added, static_cast<long long>(watch->interval().Of(rows)),
              100.0 * watched, 100.0 * (summed + added + watched));
  std::fflush(stdout);
}

}  // namespace

void MeasureInsight(InstructionSet instruction_set, const MeasureOptions& options) {
  std::printf("%6s %5s %14s %10s %10s %6s %12s %8s\n", "units", "rows", "evaluation, us", "sums, %",
              "adding, %", "k", "watching, %", "all, %");
  for (const std::int64_t units : {64, 256, 1'024, 4'096}) {
    for (const std::int64_t rows : {1, 64}) MeasureOne(units, rows, instruction_set, options);
  }
}

}  // namespace mlp
