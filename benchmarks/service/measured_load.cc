#include "benchmarks/service/measured_load.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/time/time.h"

namespace mlp {
namespace {

std::chrono::nanoseconds Seconds(double seconds) {
  return absl::ToChronoNanoseconds(absl::Seconds(seconds));
}

double Microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

}  // namespace

MeasuredLoad Measure(const ServerUnderTest& server, LoadGenerator& generator,
                     const LoadCase& load_case) {
  const LoadStop never;
  if (load_case.warm_up_seconds > 0.0) {
    generator.Run(load_case.target, {Seconds(load_case.warm_up_seconds), 0}, never);
  }
  // CPU time is read between the metrics, because writing those takes CPU time too.
  const std::optional<BatchRows> rows_before = server.ReadBatchRows(load_case.model);
  const std::optional<absl::Duration> cpu_before = server.CpuTime();
  LoadResult result = generator.Run(load_case.target, {Seconds(load_case.seconds), 0}, never);
  const std::optional<absl::Duration> cpu_after = server.CpuTime();
  const std::optional<BatchRows> rows_after = server.ReadBatchRows(load_case.model);

  Round round;
  round.requests_per_second = result.Rate();
  round.p50_microseconds = Microseconds(result.latency.Percentile(0.50));
  round.p99_microseconds = Microseconds(result.latency.Percentile(0.99));
  round.generator_cpu_microseconds = result.OwnCpuMicroseconds();
  if (cpu_before.has_value() && cpu_after.has_value() && result.sent > 0) {
    round.server_cpu_microseconds =
        absl::ToDoubleMicroseconds(*cpu_after - *cpu_before) / static_cast<double>(result.sent);
  }
  if (rows_before.has_value() && rows_after.has_value() &&
      rows_after->batches > rows_before->batches) {
    round.mean_batch_rows =
        (rows_after->rows - rows_before->rows) / (rows_after->batches - rows_before->batches);
  }
  return {round, std::move(result)};
}

}  // namespace mlp
