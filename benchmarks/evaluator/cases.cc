#include "benchmarks/evaluator/cases.h"

#include <cmath>
#include <functional>
#include <iostream>
#include <vector>

#include "benchmarks/evaluator/machine_kernels.h"
#include "benchmarks/evaluator/peers.h"
#include "model/evaluator/aligned_memory.h"

namespace mlp {
namespace {

// A wrong answer's figure does not count.
bool AreClose(const std::vector<float>& actual, const float* expected) {
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::fabs(actual[i] - expected[i]) > 1e-3F * (1.0F + std::fabs(expected[i]))) return false;
  }
  return true;
}

}  // namespace

Case MeasureCase(const Widths& widths, ActivationKind hidden, std::int64_t rows,
                 InstructionSet instruction_set, const MeasureOptions& options) {
  const auto network = NetworkOf(widths, hidden);
  const std::vector<float> x = BenchmarkInputs(rows * widths.front());

  const MachineKernels& machine = MachineKernelsOf(instruction_set);
  constexpr std::int64_t kPeakCounts = 20'000;
  const std::int64_t weights = (WeightsOf(widths) + 63) / 64 * 64;
  const AlignedArray<float> read = MakeAligned<float>(weights);

  const auto ours = MakeOurs(network, rows, instruction_set, 1);
  const auto with = MakeLayers(network, rows, instruction_set, /*counts=*/true);
  const auto without = MakeLayers(network, rows, instruction_set, /*counts=*/false);
  const auto eigen = MakeEigen(network, rows, instruction_set);
  const auto eigen_baseline = MakeEigen(network, rows, SupportedInstructionSets().front());
  const auto onednn = MakeOneDnn(network, rows);
  volatile float sink = 0.0F;
  std::vector<std::function<void()>> sides = {[&] { sink = ours->Evaluate(x.data())[0]; },
                                              [&] { sink = without->Evaluate(x.data())[0]; },
                                              [&] { sink = eigen->Evaluate(x.data())[0]; },
                                              [&] { sink = eigen_baseline->Evaluate(x.data())[0]; },
                                              [&] { sink = machine.multiply_add(kPeakCounts); },
                                              [&] { sink = machine.read(read.get(), weights); },
                                              [&] { sink = with->Evaluate(x.data())[0]; }};
  if (onednn != nullptr) sides.emplace_back([&] { sink = onednn->Evaluate(x.data())[0]; });
  const std::vector<double> seconds = Measure(sides, options);

  const float* answer = ours->Evaluate(x.data());
  if (!AreClose({answer, answer + rows * widths.back()}, eigen->Evaluate(x.data()))) {
    std::cerr << NameOf(widths) << ": the sides' answers differ\n";
    return {};
  }
  const double multiply_adds = static_cast<double>(WeightsOf(widths) * rows);
  Case result;
  result.ours = seconds[0];
  result.statistics = seconds[6] / seconds[1];
  result.eigen = seconds[2];
  result.eigen_baseline = seconds[3];
  result.at_peak = seconds[4] * multiply_adds /
                   static_cast<double>(kPeakCounts * machine.multiply_adds_per_count);
  result.at_bandwidth = seconds[5];
  result.onednn = onednn == nullptr ? 0.0 : seconds[7];
  return result;
}

}  // namespace mlp
