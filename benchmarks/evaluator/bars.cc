#include "benchmarks/evaluator/bars.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "benchmarks/bar_list.h"
#include "benchmarks/evaluator/cases.h"
#include "benchmarks/evaluator/peers.h"
#include "benchmarks/evaluator/two_peaks.h"

namespace mlp {
namespace {

double SpeedUpOfTwoThreads(const Widths& widths, std::int64_t rows, InstructionSet instruction_set,
                           MeasureOptions options) {
  options.cpu_time = false;
  const auto network = NetworkOf(widths, ActivationKind::kTanh);
  const std::vector<float> x = BenchmarkInputs(rows * widths.front());
  const auto by_one_thread = MakeOurs(network, rows, instruction_set, 1);
  const auto by_two_threads = MakeOurs(network, rows, instruction_set, 2);
  volatile float sink = 0.0F;
  const std::vector<double> seconds =
      Measure({[&] { sink = by_one_thread->Evaluate(x.data())[0]; },
               [&] { sink = by_two_threads->Evaluate(x.data())[0]; }},
              options);
  return seconds[0] / seconds[1];
}

// Compares narrow weights with float weights where reading the weights is the bottleneck.
void CompareStorages(InstructionSet instruction_set, const MeasureOptions& options, BarList& bars) {
  const auto network = NetworkOf(WideNetwork(), ActivationKind::kTanh);
  const std::vector<float> x = BenchmarkInputs(WideNetwork().front());
  const auto with = [&](WeightStorage storage) {
    return MakeOurs(network, 1, instruction_set, 1, storage);
  };
  const auto float32 = with(WeightStorage::kFloat32);
  const auto bfloat16 = with(WeightStorage::kBfloat16);
  const auto int8 = with(WeightStorage::kInt8);
  volatile float sink = 0.0F;
  const std::vector<double> seconds = Measure({[&] { sink = float32->Evaluate(x.data())[0]; },
                                               [&] { sink = bfloat16->Evaluate(x.data())[0]; },
                                               [&] { sink = int8->Evaluate(x.data())[0]; }},
                                              options);
  const std::string conditions = " weights over float, " + NameOf(WideNetwork()) + ", 1 row";
  bars.AtLeast("speed of bfloat16" + conditions, seconds[0] / seconds[1], 1.7);
  bars.AtLeast("speed of int8" + conditions, seconds[0] / seconds[2], 2.5);
}

// Reports the shape at which oneDNN does best compared with us, and the mean over those of few
// rows.
void CompareWithOneDnn(InstructionSet instruction_set, const MeasureOptions& options,
                       BarList& bars) {
  double least = std::numeric_limits<double>::infinity();
  std::string where;
  double sum_of_logarithms = 0.0;
  int few_rows = 0;
  for (const Widths& widths : BenchmarkNetworks()) {
    for (const std::int64_t rows : {1, 2, 4, 8, 12, 16, 64, 256}) {
      const Case result =
          MeasureCase(widths, ActivationKind::kRelu, rows, instruction_set, options);
      if (result.onednn == 0.0) continue;
      const double ratio = result.onednn / result.ours;
      if (ratio < least) {
        least = ratio;
        where = NameOf(widths) + " relu, " + std::to_string(rows) + " rows";
      }
      if (rows > 16) continue;
      sum_of_logarithms += std::log(ratio);
      ++few_rows;
    }
  }
  if (few_rows == 0) return;
  bars.AtLeast("times oneDNN's speed, least: " + where, least, 0.97);
  bars.AtLeast("times oneDNN's speed, mean of 1 to 16 rows, relu",
               std::exp(sum_of_logarithms / few_rows), 1.0);
}

}  // namespace

bool MeasureBars(InstructionSet instruction_set, const MeasureOptions& options) {
  BarList bars;
  const auto measure = [&](const Widths& widths, std::int64_t rows) {
    return MeasureCase(widths, ActivationKind::kTanh, rows, instruction_set, options);
  };
  const Case at_64 = measure(MiddleNetwork(), 64);
  bars.AtLeast("share of peak, 784-512-512-10 tanh, 64 rows", at_64.share_of_peak(), 0.92);
  bars.AtLeast("times the speed of Eigen, compiled for the same instructions",
               at_64.eigen / at_64.ours, 1.9);
  bars.AtLeast("times the speed of Eigen, compiled without options",
               at_64.eigen_baseline / at_64.ours, 1.9);
  bars.AtMost("statistics on over off, the same", at_64.statistics, 1.02);
  for (const std::int64_t rows : {12, 16}) {
    bars.AtLeast("share of peak, 784-512-512-10 tanh, " + std::to_string(rows) + " rows",
                 measure(MiddleNetwork(), rows).share_of_peak(), 0.85);
  }
  for (const std::int64_t rows : {1, 2, 4}) {
    for (const Widths& widths : {MiddleNetwork(), WideNetwork()}) {
      bars.AtMost(
          "time over roofline, " + NameOf(widths) + " tanh, " + std::to_string(rows) + " rows",
          measure(widths, rows).over_roofline(), 1.15);
    }
  }
  const Case small_row = measure(SmallNetwork(), 1);
  bars.AtMost("microseconds, 64-64-32-10 tanh, 1 row", small_row.ours * 1e6, 1.2);
  bars.AtMost("statistics on over off, the same", small_row.statistics, 1.15);
  const Case small = measure(SmallNetwork(), 64);
  bars.AtLeast("share of peak, 64-64-32-10 tanh, 64 rows", small.share_of_peak(), 0.6);
  bars.AtMost("statistics on over off, the same", small.statistics, 1.06);
  CompareStorages(instruction_set, options, bars);
  CompareWithOneDnn(instruction_set, options, bars);
  bars.AtLeast("two copies of the peak loop over one", SpeedUpOfTwoPeaks(instruction_set, options),
               1.8);
  bars.AtLeast("two threads over one, 784-512-512-10 tanh, 256 rows",
               SpeedUpOfTwoThreads(MiddleNetwork(), 256, instruction_set, options), 1.8);
  for (const std::int64_t rows : {1, 4, 16}) {
    // No separate aim: a second thread must at least not cost time.
    bars.AtLeast("two threads over one, " + NameOf(WideNetwork()) + " tanh, " +
                     std::to_string(rows) + " rows",
                 SpeedUpOfTwoThreads(WideNetwork(), rows, instruction_set, options), 1.0);
  }
  return bars.all_reached();
}

}  // namespace mlp
